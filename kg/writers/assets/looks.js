"use strict";
/* How things look: a class by shape and colour, a family of relations by colour, a status by its line. Never by colour alone. */
((x) => {
  const { kg, svg, el } = x;
  x.STATUS = {
    asserted: { dashes: false, width: 1.5 },
    planned: { dashes: [9, 6], width: 1.8 },
    rumoured: { dashes: [2, 5], width: 2.4 },
    denied: { dashes: false, width: 1.4 },
  };
  x.STATUSES = Object.keys(x.STATUS);
  x.TINTS = ["#eef3f8", "#f7f1e6", "#ebf4ed", "#f8eff1", "#f0eff8", "#f3f5e6", "#e8f3f4", "#f6efea"];
  const STRONG = ["#0072b2", "#b36b00", "#117733", "#aa4466", "#5b4bb5", "#7a7a00", "#007f86", "#a3522b"];
  x.INK = "#16202e";
  x.FACE = '"Inter", "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", system-ui, sans-serif';
  x.SHAPES = {
    dot: () => svg("circle", { cx: 9, cy: 9, r: 6.2 }),
    circle: () => x.SHAPES.dot(),
    square: () => svg("rect", { x: 3.2, y: 3.2, width: 11.6, height: 11.6 }),
    box: () => svg("rect", { x: 1, y: 4.2, width: 16, height: 9.6, rx: 2.6 }),
    ellipse: () => svg("ellipse", { cx: 9, cy: 9, rx: 8.2, ry: 5 }),
    diamond: () => svg("polygon", { points: "9,1.5 16.5,9 9,16.5 1.5,9" }),
    triangle: () => svg("polygon", { points: "9,2 16.6,15 1.4,15" }),
    triangleDown: () => svg("polygon", { points: "9,16 1.4,3 16.6,3" }),
    hexagon: () => svg("polygon", { points: "5,2.2 13,2.2 17,9 13,15.8 5,15.8 1,9" }),
    star: () => svg("polygon", { points: "9,1 11.2,6.4 17,6.8 12.5,10.5 14,16.2 9,13 4,16.2 5.5,10.5 1,6.8 6.8,6.4" }),
  };
  x.darker = (colour, by = 0.72) => {
    const m = /^#(..)(..)(..)$/.exec(colour);
    return m ? `#${m.slice(1).map((h) => Math.round(parseInt(h, 16) * by).toString(16).padStart(2, "0")).join("")}` : colour;
  };
  x.familyColour = (c) => kg.families[x.family(c)].colour;
  x.nodeColour = (n) => (x.state.colour === "community" ? (x.isCrowd.has(n.community) ? STRONG[n.community % STRONG.length] : "#9aa4b1") : kg.classes[n.type].colour);
  const widest = { betweenness: Math.max(1e-9, ...x.nodes.map((n) => n.betweenness)) };
  const said = x.nodes.map((n) => x.claimsOf(n).reduce((sum, c) => sum + c.evidence.length, 0));
  x.nodeSize = (n) => {
    if (x.state.size === "betweenness") return 6 + 24 * Math.sqrt(n.betweenness / widest.betweenness);
    return 7 + 3.4 * Math.sqrt(Math.min(x.state.size === "evidence" ? said[n.id] : x.neighbours(n).size, 36));
  };
  x.isCrowd = new Set(x.communities.map((c) => c.id));
  x.icon = (type) => {
    const look = kg.classes[type];
    const shape = (x.SHAPES[look.shape] || x.SHAPES.dot)();
    shape.setAttribute("fill", look.colour);
    shape.setAttribute("stroke", x.darker(look.colour));
    return svg("svg", { class: "icon", viewBox: "0 0 18 18", width: 16, height: 16, "aria-hidden": "true" }, shape);
  };
  x.line = (status, colour = "#56637a") => {
    const s = x.STATUS[status];
    const dashes = { planned: "7 4", rumoured: "2 4" }[status] || "none";
    const parts = [svg("line", { x1: 0, y1: 6, x2: 30, y2: 6, stroke: colour, "stroke-width": s.width + 0.4, "stroke-dasharray": dashes })];
    if (status === "denied") parts.push(svg("path", { d: "M11 2l8 8M19 2l-8 8", stroke: x.INK, "stroke-width": 2, fill: "none" }));
    else parts.push(svg("polygon", { points: "36,6 28,2.4 28,9.6", fill: colour }));
    return svg("svg", { class: "icon line", viewBox: "0 0 36 12", width: 34, height: 12, "aria-hidden": "true" }, ...parts);
  };
  x.swatch = (family) => svg("svg", { class: "icon", viewBox: "0 0 18 12", width: 18, height: 12, "aria-hidden": "true" }, svg("rect", { x: 0, y: 4, width: 18, height: 4, rx: 2, fill: kg.families[family].colour }));
  x.badge = (status) => el("span", { class: `badge ${status}` }, x.t(status));
})(explorer);
