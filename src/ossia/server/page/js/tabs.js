// Other tabs with this page: what they change, and the conversations in which a model is writing there.

const channel = new BroadcastChannel("ossia.conversations");

/** Tell the other tabs what has happened to a conversation: it is "changed", "removed", "writing" or "written". */
export function tell(kind, id) {
  channel.postMessage({ kind, id });
}

/** Call the listener of a kind of message with the id of the conversation. Tabs also want to "ask" and to "stop". */
export function listen(listeners) {
  channel.addEventListener("message", ({ data }) => listeners[data.kind]?.(data.id));
}
