// Conversations in this browser's IndexedDB, which all tabs share: none overwrites what another one has added.

import { merge } from "./conversation.js";
import { revive } from "./revive.js";
import { tell } from "./tabs.js";

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

export const all = () => transact("readonly", (store) => store.getAll());

export const get = (id) => transact("readonly", (store) => store.get(id));

/** Save a conversation, with what other tabs have added to it since. Return whether there was anything. */
export async function save(conversation) {
  let hasMore = false;
  await transact("readwrite", (store) => {
    const found = store.get(conversation.id);
    found.onsuccess = () => {
      hasMore = Boolean(found.result) && merge(conversation, found.result);
      store.put(conversation);
    };
    return found;
  });
  tell("changed", conversation.id);
  return hasMore;
}

export async function remove(id) {
  await transact("readwrite", (store) => store.delete(id));
  tell("removed", id);
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
