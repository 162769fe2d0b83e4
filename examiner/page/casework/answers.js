// What a key press or a typed entry means as a reading, and how a reading is shown.

const STATES = {
  definite: { word: "definite", icon: "■" },
  probable: { word: "probable", icon: "◪" },
  alternatives: { word: "alternatives", icon: "◫" },
  trace_only: { word: "trace only", icon: "∼" },
  unreadable: { word: "unreadable", icon: "?" },
  no_character: { word: "no character", icon: "∅" },
  symbol: { word: "symbol", icon: "✱" },
};

const WHOLE_ANSWERS = { "?": "unreadable", "_": "no_character", " ": "no_character", "~": "trace_only" };

function answer(state, reading = "", alternatives = []) {
  return { state, reading, alternatives, reason: "" };
}

// What was said beside the character stays when another one is typed; what is read now is no longer ruled out.
function withWhatWasSaid(reading, before) {
  if (!before) return reading;
  const { excluded = [], features, photos, layer, over_stamp, read_from } = before;
  const read = [reading.reading, ...reading.alternatives];
  const left = reading.state === "no_character" ? [] : excluded.filter((glyph) => !read.includes(glyph));
  return { features, photos, layer, over_stamp, read_from, excluded: left, ...reading };
}

function characterAnswer(character) {
  return answer("definite", character.toUpperCase().length === 1 ? character.toUpperCase() : character);
}

// "8/3" or "83": alternatives in the order typed; one character alone is a definite reading.
function alternativesAnswer(text) {
  const parts = (text.includes("/") && text !== "/" ? text.split("/") : [...text]).map((part) => part.trim().toUpperCase());
  const different = [...new Set(parts.filter((part) => part !== ""))];
  if (different.length === 0) return null;
  return different.length === 1 ? answer("definite", different[0]) : answer("alternatives", "", different);
}

function symbolAnswer(text) {
  return text.trim() === "" ? null : answer("symbol", text.trim().slice(0, 16));
}

// Where both layers are read the sign is that of the exports: <4^6>.
function readingText(reading) {
  if (!reading) return "";
  const below = layerText(reading);
  return reading.over_stamp ? `<${below}^${reading.over_stamp}>` : below;
}

function layerText(reading) {
  if (reading.state === "alternatives") return reading.alternatives.join(" / ");
  if (reading.reading) return reading.reading;
  return STATES[reading.state].icon;
}

function readingWords(reading) {
  if (!reading) return "open";
  const word = stateWord(reading.state);
  const over = reading.over_stamp ? `, ${reading.over_stamp} struck over it` : reading.layer === "over_stamp" ? ", of the over-stamp" : "";
  if (reading.state === "alternatives") return word + " " + reading.alternatives.join(" or ") + over;
  return (reading.reading ? reading.reading + ", " + word : word) + over;
}

function percent(p) {
  if (p >= 0.995) return ">99";
  return p < 0.005 ? "<1" : String(Math.round(p * 100));
}

function glyphName(glyph) {
  return glyph === "" ? "∅" : glyph;
}

function proposalWords(proposed) {
  if (!proposed) return "no position proposed here";
  const named = proposed.candidates.slice(0, 3).map((c) => `${c.glyph === "" ? "no character" : c.glyph} ${percent(c.p)} %`);
  return "proposed " + named.join(", ");
}
