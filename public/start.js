// Starts the client on a page that is already complete. If the bundle is missing or old, the page is loaded once more;
// if that does not help, the page stays as the server made it, and says so.
const RETRIED = "nines-start-retried";

async function start() {
  const script = document.querySelector("script[data-js]");
  const client = await import(script.dataset.js);
  await client.default({ module_or_path: script.dataset.wasm });
  client.hydrate();
}

function remember(value) {
  try {
    const before = sessionStorage.getItem(RETRIED);
    value === null ? sessionStorage.removeItem(RETRIED) : sessionStorage.setItem(RETRIED, value);
    return before;
  } catch {
    // Without storage a second failure could not be told from the first: do not retry.
    return value;
  }
}

function giveUp() {
  document.documentElement.dataset.hydration = "failed";
  const note = document.createElement("p");
  note.className = "start-note";
  note.setAttribute("role", "status");
  note.textContent = "Live updates could not be started. The page shows the figures of when it was loaded.";
  document.body.append(note);
}

start().then(
  () => remember(null),
  (error) => {
    console.warn("The client could not be started:", error);
    if (remember("once") === null) {
      location.reload();
    } else {
      giveUp();
    }
  },
);
