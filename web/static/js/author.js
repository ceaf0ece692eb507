// The name of the person at this screen, as it was entered last in this window.

/** The name, empty without one. */
export const remembered = () => { try { return sessionStorage.getItem("by") ?? ""; } catch { return ""; } };

/** Keep a name for the next time. */
export const remember = (by) => { try { sessionStorage.setItem("by", by); } catch { /* asked again next time */ } };
