// Counts rows and alarms in the platform's own storage classes, so that nothing an object does goes past it. Keeps the
// alarms itself, for they have to follow the counted clock.

import { tally } from "./tally.ts";

type Note = (args: readonly unknown[], result: unknown) => void;

/** When each object's alarm is due, by the object's id: an alarm outlives its object's memory. */
const alarms = new Map<string, number>();
const owners = new WeakMap<DurableObjectStorage, string>();
let isCounting = false;

/** Counts what an object's storage is asked. */
export function countStorage({ id, storage }: DurableObjectState): void {
  owners.set(storage, id.toString());
  if (isCounting) return;
  isCounting = true;
  const reads: Note = ([keys]) => {
    tally.rowsRead += entries(keys);
  };
  const writes: Note = ([keys]) => {
    tally.rowsWritten += entries(keys);
  };
  for (const store of [storage, storage.kv]) {
    watch(store, "get", reads);
    watch(store, "put", writes);
    watch(store, "delete", writes);
  }
  watch(storage.sql, "exec", (_args, cursor) => countRows(cursor as SqlStorageCursor<never>));
  keepAlarms(storage);
}

/** True once for each alarm whose time has come. */
export function isAlarmDue(storage: DurableObjectStorage): boolean {
  const owner = idOf(storage);
  const at = alarms.get(owner);
  return at !== undefined && at <= Date.now() && alarms.delete(owner);
}

function idOf(storage: DurableObjectStorage): string {
  const id = owners.get(storage);
  if (id === undefined) throw new Error("expected the storage of a counted object");
  return id;
}

/** How many entries a key, a list of keys or a record of entries names. */
function entries(keys: unknown): number {
  return typeof keys === "object" && keys !== null ? Object.keys(keys).length : 1;
}

/** SQLite's own figures, by which the platform bills. A cursor knows them all once it has been read, so later. */
function countRows(cursor: SqlStorageCursor<never>): void {
  const into = tally;
  queueMicrotask(() => {
    into.rowsRead += cursor.rowsRead;
    into.rowsWritten += cursor.rowsWritten;
  });
}

function keepAlarms(storage: DurableObjectStorage): void {
  const owner = ownerOf(storage, "setAlarm");
  Object.assign(owner, {
    async setAlarm(this: DurableObjectStorage, at: number | Date) {
      tally.alarmsSet += 1;
      tally.rowsWritten += 1;
      alarms.set(idOf(this), Number(at));
    },
    async getAlarm(this: DurableObjectStorage) {
      return alarms.get(idOf(this)) ?? null;
    },
    async deleteAlarm(this: DurableObjectStorage) {
      alarms.delete(idOf(this));
    },
  });
  watch(storage, "deleteAll", () => {
    tally.rowsWritten += 1;
  });
}

/** Notes every use of a method, whoever's it is. */
function watch(one: object, name: string, note: Note): void {
  const owner = ownerOf(one, name);
  const method: unknown = Reflect.get(owner, name);
  if (typeof method !== "function") throw new Error(`expected a method ${name}`);
  Reflect.set(owner, name, function watched(this: unknown, ...args: unknown[]) {
    const result: unknown = Reflect.apply(method, this, args);
    note(args, result);
    return result;
  });
}

/** The prototype that has a method, which all objects of its kind share. */
function ownerOf(one: object, name: string): object {
  for (let owner = Object.getPrototypeOf(one); owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, name)) return owner;
  }
  throw new Error(`expected a method ${name}`);
}
