// Starts headless Chromium with one page, and speaks its debugging protocol. Needs a Node with WebSocket.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// start returns { send, on, once, close }: send(METHOD, PARAMS) returns the answer, on(EVENT, CALL) calls for each event of the
// page, once(EVENT) returns the next one.
export async function start(chromium) {
  const profile = mkdtempSync(join(tmpdir(), "chromium-"));
  const browser = spawn(chromium, ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--window-size=800,900", `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise(done => browser.on("exit", done));
  const close = async () => {
    browser.kill("SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    let log = "";
    const url = await new Promise((found, fail) => {
      browser.stderr.on("data", data => {
        log += data;
        const line = /DevTools listening on (\S+)/.exec(log);
        if (line) found(line[1]);
      });
      browser.on("exit", () => fail(new Error(`Chromium ended:\n${log}`)));
    });
    const socket = new WebSocket(url);
    await new Promise((done, fail) => Object.assign(socket, { onopen: done, onerror: fail }));
    const waiting = new Map(), listeners = new Map();
    let session;
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      for (const call of listeners.get(message.method) ?? []) call(message.params);
      const answer = waiting.get(message.id);
      if (message.error) answer?.fail(new Error(JSON.stringify(message.error)));
      else answer?.done(message.result);
    };
    const send = (method, params = {}) => new Promise((done, fail) => {
      const id = waiting.size + 1;
      waiting.set(id, { done, fail });
      socket.send(JSON.stringify({ id, method, params, sessionId: session }));
    });
    const on = (event, call) => listeners.set(event, [...listeners.get(event) ?? [], call]);
    const once = event => new Promise(done => on(event, done));
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    session = (await send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    return { send, on, once, close };
  } catch (error) {
    await close();
    throw error;
  }
}
