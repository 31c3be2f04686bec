// A page of one to six functions.

copyButtons(document);
themes(document.getElementById("theme"));
const explorer = new Explorer(document.body, data.functions, data.view,
  state => later(() => writeState(state)));
new Depth(explorer, document.querySelector("[data-part=depth]"));
if (data.inputs) new Inputs(explorer, document.querySelector("[data-part=inputs]"), data.inputs);
if (data.runs.length) new Learn(explorer, document.querySelector("[data-part=learn]"), data.runs);
places(document, explorer);
readState(explorer, location.hash);
addEventListener("hashchange", () => readState(explorer, location.hash));
explorer.redraw();
