// A page of one to six functions.

copyButtons(document);
themes(document.getElementById("theme"));
const explorer = new Explorer(document.body, data.functions, data.view,
  state => later(() => writeState(state)));
places(document, explorer);
readState(explorer, location.hash);
addEventListener("hashchange", () => readState(explorer, location.hash));
explorer.redraw();
