// Registering one photograph to another by hand: spots that both show, numbered crosses in each of the two.

const handForm = find(".hand"), pointLayer = find(".points"), other = handForm.elements.other;
const FEWEST_POINTS = 3;
let pointing = false, spots = new Map(), spot = 0, previous = -1;

function spotsHere() {
  if (!spots.has(current.photo)) spots.set(current.photo, []);
  return spots.get(current.photo);
}

function pair() {
  return current.registered_by_hand.find((known) => known.photo === current.photo || known.other === current.photo);
}

function setPoints(on) {
  pointing = on && current.may_register;
  stage.classList.toggle("setting", pointing);
  find("[data-do=points]").setAttribute("aria-pressed", String(pointing));
  if (pointing) {
    setDrawing(false);
    spot = spotsHere().length;
    stage.focus();
  }
  paintPoints();
}

function setSpot(x, y) {
  const points = spotsHere();
  if (spot < points.length) points[spot] = [x, y];
  else points.push([x, y]);
  paintPoints();
}

function pointAtPointer(event) {
  const near = spotsHere().findIndex((point) => {
    const [x, y] = onPlane(point), [px, py] = pointAt(event);
    return Math.hypot(x * look.scale + look.x - px, y * look.scale + look.y - py) < 14;
  });
  spot = near >= 0 ? near : spotsHere().length;
  if (near < 0) setSpot(...storedAt(event));
  else paintPoints();
}

// Enter sets a cross in the middle of the view or goes on to the next; arrows move it a pixel of the photograph.
function pointKey(event) {
  if (!pointing || event.ctrlKey || event.altKey || event.metaKey) return false;
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }, points = spotsHere();
  if (moves[event.key] && points[spot]) {
    const far = event.shiftKey ? 10 : 1, [x, y] = through(photo().to_upright, points[spot]);
    points[spot] = through(photo().to_stored, [x + moves[event.key][0] * far, y + moves[event.key][1] * far]);
  } else if (event.key === "Enter") {
    if (points[spot]) spot = points.length;
    else setSpot(...through(photo().to_stored, [(stage.clientWidth / 2 - look.x) / look.scale - 0.5, (stage.clientHeight / 2 - look.y) / look.scale - 0.5]));
  } else if ((event.key === "Delete" || event.key === "Backspace") && points.length) {
    points.splice(Math.min(spot, points.length - 1), 1);
    spot = points.length;
  } else if (event.key === "Escape") {
    setPoints(false);
  } else {
    return false;
  }
  event.preventDefault();
  paintPoints();
  return true;
}

function paintPoints() {
  pointLayer.replaceChildren();
  if (!current) return;
  const known = pair(), far = Number(other.value);
  const points = pointing || spotsHere().length ? spotsHere() : known ? known.pairs.map((both) => both[known.photo === current.photo ? 0 : 1]) : [];
  points.forEach((point, i) => {
    const [x, y] = onPlane(point), arm = 9 / look.scale;
    const cross = svg("path", { d: `M${x - arm} ${y}H${x + arm}M${x} ${y - arm}V${y + arm}`, class: pointing && i === spot ? "cross now" : "cross" });
    const label = svg("text", { x: x + arm, y: y - arm / 2, class: "number" });
    label.textContent = i + 1;
    pointLayer.append(svg("path", { d: cross.getAttribute("d"), class: "halo" }), cross, label);
  });
  const here = spotsHere().length, there = (spots.get(far) || []).length;
  find(".hand-hint").textContent = known && !pointing
    ? `Photograph ${known.photo + 1} was registered to photograph ${known.other + 1} by ${known.pairs.length} points.`
    : pointing || here || there ? `${here} points here, ${there} in photograph ${far + 1}. Set the same spots in the same order in both, ${FEWEST_POINTS} or more.` : "";
  find("[data-do=register]").disabled = !(current.may_register && here >= FEWEST_POINTS && here === there);
  show(find("[data-do=unregister]"), Boolean(known) && current.may_register);
}

function paintHand(changed) {
  show(handForm, current.photos.length > 1);
  const choices = current.photos.filter((item) => item.index !== current.photo);
  const wanted = changed && Number(other.value) === current.photo ? previous : Number(other.value);
  other.replaceChildren(...choices.map((item) => new Option(`${item.index + 1}  ${item.name}`, item.index)));
  if (choices.some((item) => item.index === wanted)) other.value = String(wanted);
  if (changed) {
    previous = current.photo;
    spot = spotsHere().length;
  }
  if (!current.may_register) setPoints(false);
  paintPoints();
}

function register(pairs) {
  const known = pair(), over = pairs.length ? Number(other.value) : known.other, moved = pairs.length ? current.photo : known.photo;
  trigger("draw", { examination: current.examination, seen: current.seen, act: { act: "lay_photo", photo: moved, other: over, pairs } });
  spots = new Map();
  setPoints(false);
}

handForm.addEventListener("submit", (event) => {
  event.preventDefault();
  register(spotsHere().map((point, i) => [point, spots.get(Number(other.value))[i]]));
});
other.addEventListener("change", paintPoints);
find("[data-do=points]").addEventListener("click", () => setPoints(!pointing));
find("[data-do=switch]").addEventListener("click", () => { stage.focus(); showPhoto(Number(other.value)); });
find("[data-do=unregister]").addEventListener("click", () => register([]));
