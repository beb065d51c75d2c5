// Opens a report's page in headless Chromium, at three sizes and in both themes, and checks what people need of it.
//
//   node check.mjs CHROMIUM PAGE.html REPORT.json FOLDER     FOLDER gets a picture for each size and theme
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { start } from "../engines/runners/chromium/browser.mjs";

const [chromium, page, json, folder] = process.argv.slice(2);
const report = JSON.parse(readFileSync(json));
const url = pathToFileURL(resolve(page)).href;
const sizes = { phone: [390, 844], tablet: [820, 1180], desktop: [1440, 900] };

let checks = 0;
const failures = [];
const check = (what, ok, found = "") => {
  checks++;
  if (!ok) failures.push(`${what}${found === "" ? "" : `: ${JSON.stringify(found)}`}`);
};

// What must be readable: every component, every boundary with its class and reason, every guard, every import.
const wanted = new Set();
for (const x of report.instances) wanted.add(x.name);
for (const b of report.boundaries) {
  for (const text of [b.caller.name, b.callee.name, b.function, b.type, b.class, b.reason]) wanted.add(text);
  for (const g of b.guards ?? []) wanted.add(g.reason);
}
for (const x of report.imports) wanted.add(x.name);
for (const x of report.features) wanted.add(x.name);
for (const x of report.edges) wanted.add(x.reason);
for (const x of report.handleTables) wanted.add(x.reason);

// In the page: the contrast of every text with what is behind it, by WCAG 2.2, "Contrast (Minimum)".
const contrasts = () => {
  const parse = text => {
    const part = /rgba?\(([^)]+)\)/.exec(text)?.[1].split(/[ ,/]+/).map(Number);
    return part ? { rgb: part.slice(0, 3), alpha: part[3] ?? 1 } : { rgb: [0, 0, 0], alpha: 0 };
  };
  const light = rgb => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(e).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const bad = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || ["SCRIPT", "STYLE", "title", "TITLE"].includes(element.tagName)) continue;
    const style = getComputedStyle(element), svg = element instanceof SVGElement;
    const a = light(parse(svg ? style.fill : style.color).rgb);
    const b = light(svg ? parse(getComputedStyle(document.querySelector("section")).backgroundColor).rgb : behind(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.set(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`, walker.currentNode.textContent.trim().slice(0, 30));
  }
  return [...bad];
};

const browser = await start(chromium);
try {
  const { send, on, once } = browser;
  const problems = [], requests = [];
  for (const domain of ["Page", "Runtime", "Network", "Log", "Accessibility"]) await send(`${domain}.enable`);
  on("Runtime.exceptionThrown", x => problems.push(x.exceptionDetails.text));
  on("Log.entryAdded", x => problems.push(x.entry.text));
  on("Network.requestWillBeSent", x => requests.push(x.request.url));
  const open = async () => {
    const load = once("Page.loadEventFired");
    await send("Page.navigate", { url });
    await load;
  };
  const run = async (what, ...args) => {
    const expression = typeof what === "function" ? `(${what})(...${JSON.stringify(args)})` : what;
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(`${expression.slice(0, 200)}: ${exceptionDetails.exception?.description}`);
    return result.value;
  };
  const key = async (name, code) => {
    for (const type of ["rawKeyDown", "keyUp"]) await send("Input.dispatchKeyEvent", { type, key: name, code: name, windowsVirtualKeyCode: code });
    if (name === "Enter") await send("Input.dispatchKeyEvent", { type: "char", text: "\r" });
  };

  for (const [size, [width, height]] of Object.entries(sizes)) {
    for (const theme of ["light", "dark"]) {
      const at = `${size}, ${theme}`;
      await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: size === "phone" });
      await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
      await open();
      const text = await run(() => document.body.innerText.replace(/\s+/g, " "));
      for (const want of wanted) check(`${at}: the text is there`, text.includes(want.replace(/\s+/g, " ")), want);
      check(`${at}: nothing is wider than the window`, await run(() => document.documentElement.scrollWidth <= innerWidth), await run(() => [document.documentElement.scrollWidth, innerWidth]));
      check(`${at}: texts can be read`, (await run(contrasts)).length === 0, await run(contrasts));
      const nodes = await run(() => [...document.querySelectorAll("svg.graph .node")].map(n => n.getAttribute("aria-label")));
      for (const x of report.instances) check(`${at}: the graph has the component`, nodes.some(n => n?.startsWith(x.name + ",")), x.name);
      const overlaps = await run(() => {
        const boxes = [...document.querySelectorAll("svg.graph .node rect:first-of-type")].map(r => r.getBoundingClientRect());
        return boxes.flatMap((a, i) => boxes.slice(0, i).filter(b => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
      });
      check(`${at}: no components overlap in the graph`, overlaps === 0, overlaps);
      const picture = await send("Page.captureScreenshot", { captureBeyondViewport: true,
        clip: { x: 0, y: 0, width, height: Math.min(await run(() => document.documentElement.scrollHeight), 8 * height), scale: 1 } });
      writeFileSync(`${folder}/${size}-${theme}.png`, picture.data, "base64");
    }
  }

  // Edges of the graph: one for each pair, in the colour of the most expensive class.
  const pairs = new Set(report.boundaries.map(b => `${b.caller.path}>${b.callee.path}`));
  const edges = await run(() => document.querySelectorAll("svg.graph .edge").length);
  check("the graph has an edge for each pair of components", edges === pairs.size, [edges, pairs.size]);
  const shades = await run(() => Object.fromEntries([...document.querySelectorAll(".legend li")].map(li => [li.className, getComputedStyle(li.querySelector(".line")).stroke])));
  check("each class has its colour", new Set(Object.values(shades)).size === Object.keys(shades).length, shades);

  // Sorting, searching and filters, with the keyboard alone.
  const focus = selector => run(s => { document.querySelector(s).focus(); return document.activeElement === document.querySelector(s); }, selector);
  check("the search takes the focus", await focus("[data-search=boundaries-t]"));
  const word = report.boundaries[0].function;
  await send("Input.insertText", { text: word });
  const shown = () => run(() => [...document.querySelectorAll("#boundaries-t tbody tr")].filter(r => !r.hidden).map(r => r.innerText));
  const found = await shown();
  check("the search finds", found.length > 0 && found.every(t => t.includes(word)), found.length);
  await run(() => { const i = document.querySelector("[data-search=boundaries-t]"); i.value = ""; i.dispatchEvent(new Event("input")); });
  check("an empty search shows all", (await shown()).length === report.boundaries.length, (await shown()).length);
  await focus("#boundaries-t th:last-child button");
  for (const order of ["ascending", "descending"]) {
    await key("Enter", 13);
    const bytes = await run(() => [...document.querySelectorAll("#boundaries-t tbody tr")].map(r => Number(r.cells[5].dataset.sort)));
    check(`the table sorts, ${order}`, bytes.every((b, i) => i === 0 || (order === "ascending" ? bytes[i - 1] <= b : bytes[i - 1] >= b)), bytes);
    check(`it says that it is ${order}`, await run(() => document.querySelector("#boundaries-t th:last-child").ariaSort) === order);
  }
  await focus(".filters .chip");
  await key("Enter", 13);
  const off = await run(() => document.querySelector(".filters .chip").dataset.class);
  check("a filter hides its class", (await run(c => document.querySelectorAll(`#boundaries-t tr[data-class=${c}]:not([hidden])`).length, off)) === 0);
  await run(() => document.querySelector(`svg.graph .edge`).focus());
  const target = await run(() => document.activeElement.getAttribute("href"));
  await key("Enter", 13);
  check("an edge leads to its boundary", (await run(() => location.hash)) === target && await run(t => !document.querySelector(t).hidden, target), target);
  const before = await run(() => getComputedStyle(document.body).backgroundColor);
  await focus("#theme");
  await key("Enter", 13);
  check("the button changes the theme", (await run(() => getComputedStyle(document.body).backgroundColor)) !== before);

  // Whatever can be used has a name, and the Tab key reaches it.
  const { nodes: tree } = await send("Accessibility.getFullAXTree");
  const nameless = tree.filter(n => !n.ignored && ["link", "button", "searchbox", "table"].includes(n.role?.value) && !n.name?.value && n.role.value !== "table");
  check("all controls have names", nameless.length === 0, nameless.map(n => n.role.value));
  await open();
  const reached = new Set();
  for (let i = 0; i < 25; i++) {
    await key("Tab", 9);
    reached.add(await run(() => document.activeElement.tagName.toLowerCase()));
  }
  check("the Tab key reaches links, buttons and the graph", ["a", "button", "div"].every(t => reached.has(t)), [...reached]);

  // Without its script the page has everything but the tools.
  await send("Emulation.setScriptExecutionDisabled", { value: true });
  await open();
  await send("Emulation.setScriptExecutionDisabled", { value: false });
  const plain = await run(() => document.body.innerText.replace(/\s+/g, " "));
  for (const want of wanted) check("without script, the text is there", plain.includes(want.replace(/\s+/g, " ")), want);

  check("nothing but the page is loaded", requests.every(r => r === url), requests.filter(r => r !== url));
  check("there are no errors", problems.length === 0, problems);
} finally {
  await browser.close();
}
for (const failure of [...new Set(failures)].slice(0, 40)) console.error(`e2e/report: ${failure}`);
console.log(`${checks - failures.length} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);
