// The end of an exercise: what was struck beside what was read and proposed, and what the reading was worth.

const FALSE = ["wrong", "wrongly unreadable", "missed", "invented"];

function table(head, rows) {
  const node = make("table"), top = make("tr");
  top.append(...head.map((text) => make("th", "", text)));
  node.append(top, ...rows.map(({ cells, bad }) => {
    const row = make("tr", bad ? "wrong" : "");
    row.append(...cells.map((text, i) => make("td", i < 2 ? "sign" : "", text)));
    return row;
  }));
  return node;
}

function outcomeTable(score) {
  return table([t("struck"), t("read"), t("outcome"), t("confidence")], score.judged.map((judged) => ({
    cells: [judged.truth || "–", judged.read === null ? "–" : judged.read, t(judged.outcome), judged.confidence === null ? "" : Math.round(judged.confidence * 100) + " %"],
    bad: FALSE.includes(judged.outcome),
  })));
}

function paintScore(node, struck, score, told) {
  const parts = [make("h3", "", t("What was struck")), make("p", "sign", struck || t("nothing: a bare plate"))];
  if (told && Object.keys(told.over).length) parts.push(make("p", "", t("struck over:") + " " + Object.entries(told.over).map(([place, glyph]) => `${Number(place) + 1} → ${glyph}`).join(", ")));
  parts.push(outcomeTable(score));
  const counts = Object.entries(score.counts).filter(([, count]) => count).map(([name, count]) => `${t(name)}: ${count}`);
  parts.push(make("p", "", counts.join("   ")));
  if (score.brier !== null) parts.push(make("p", "", `${t("Brier score")}: ${score.brier.toFixed(3)}   ${t("seconds")}: ${Math.round(score.seconds)}`));
  if (score.bins.length) parts.push(make("h3", "", t("Confidence stated, and share that was right")), table([t("stated"), t("true"), t("readings")], score.bins.map((bin) => ({ cells: [Math.round(bin.stated * 100) + " %", Math.round(bin.true * 100) + " %", String(bin.count)] }))));
  if (told && told.proposed.length) parts.push(...influenceParts(told, score.influence));
  node.replaceChildren(...parts);
}

function influenceParts(told, influence) {
  const parts = [make("h3", "", t("What the proposal did")), make("p", "", `${t("proposal")}: ${told.proposed.map((sign) => sign || "–").join(" ")}`)];
  parts.push(make("p", "", `${t("kept")}: ${influence.kept}   ${t("right turned wrong")}: ${influence.right_to_wrong}   ${t("wrong turned right")}: ${influence.wrong_to_right}   ${t("changed towards the proposal")}: ${influence.towards_proposal}`));
  if (told.exercise.misleading) parts.push(make("p", "wrong", t("This proposal was wrong on purpose.")));
  return parts;
}
