export const template = {
  render: (title, body) => `<h1>${title}</h1> ${body}`,
};
