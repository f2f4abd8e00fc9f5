// Conversations in this browser's IndexedDB. Another tab's changes are told by a BroadcastChannel.

import { revive } from "./conversation.js";

const channel = new BroadcastChannel("ossia.conversations");
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("ossia", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("conversations", { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function transact(mode, use) {
  const transaction = (await database()).transaction("conversations", mode);
  return new Promise((resolve, reject) => {
    const request = use(transaction.objectStore("conversations"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** Return all conversations, the latest first. */
export async function all() {
  const found = await transact("readonly", (store) => store.getAll());
  return found.sort((a, b) => b.updated - a.updated);
}

export async function save(conversation) {
  await transact("readwrite", (store) => store.put(conversation));
  channel.postMessage(conversation.id);
}

export async function remove(id) {
  await transact("readwrite", (store) => store.delete(id));
  channel.postMessage(id);
}

/** Call `listener` with the id of a conversation that another tab has changed. */
export function onChange(listener) {
  channel.addEventListener("message", (event) => listener(event.data));
}

/** Return conversations as the text of a file. */
export function exported(conversations) {
  return JSON.stringify({ format: "ossia-conversations", version: 1, conversations }, null, 2);
}

/** Save the conversations of a file beside those that are here. Throws an Error that says what is wrong with it. */
export async function importText(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("This file is not JSON.");
  }
  if (value?.format !== "ossia-conversations" || !Array.isArray(value.conversations)) {
    throw new Error("This file has no conversations of ossia: export makes one that has.");
  }
  let revived;
  try {
    revived = value.conversations.map(revive);
  } catch {
    throw new Error("A conversation in this file is damaged, so none was imported.");
  }
  for (const conversation of revived) await save(conversation);
  return revived;
}
