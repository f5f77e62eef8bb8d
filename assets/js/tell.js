// Scripts tell the page's stores what somebody did. A store may be gone by then, because its page was just left, or not
// be known yet; Dash fails on those, so it is asked first. Answers whether the store was there.
(() => {
  "use strict";

  // For an id that is not there Dash answers with nothing, with an error or with the whole page.
  const isThere = (id) => {
    const { getLayout, stringifyId } = window.dash_component_api;
    try {
      return stringifyId(getLayout(id).props.id) === stringifyId(id);
    } catch {
      return false;
    }
  };

  const tell = (id, props) => {
    if (!isThere(id)) return false;
    window.dash_clientside.set_props(id, props);
    return true;
  };

  window.pzserver = Object.assign({}, window.pzserver, { tell });
})();
