// A greeter in JavaScript.
export const greeter = {
  greet: (name) => `hello, ${name}!`,
};
