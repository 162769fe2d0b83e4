// Shared by the page's parts. Data reaches the document only as text, attributes and numbers.

function find(selector) {
  return element.querySelector(selector);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function keycap(text) {
  return make("kbd", "", text);
}

function show(node, visible) {
  node.hidden = !visible;
}

// The parts of the page tell each other things without asking the server.
function announce(name, detail) {
  document.dispatchEvent(new CustomEvent("examiner:" + name, { detail }));
}

function hear(name, listener) {
  document.addEventListener("examiner:" + name, (event) => {
    if (element.isConnected) listener(event.detail);
  });
}

function typing(event) {
  return /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
}
