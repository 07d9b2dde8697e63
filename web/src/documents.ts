import type { FirebaseApp } from "firebase/app";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  type Firestore,
  getCountFromServer,
  getDocs,
  getFirestore,
  limit,
  onSnapshot,
  orderBy,
  type Query,
  type QueryConstraint,
  type QueryDocumentSnapshot,
  query,
  startAfter,
  type WhereFilterOp,
  where,
} from "firebase/firestore";

// The only file that knows Firestore's SDK, which is larger than the rest of Firebase: it is fetched when a
// screen asks for documents for the first time (`backend.documents()`).

/** Which documents: plain data, so that who asks needs no SDK. */
export interface Wanted {
  from: string;
  where?: [field: string, is: WhereFilterOp, value: unknown][];
  orderBy?: [field: string, direction?: "asc" | "desc"];
  limit?: number;
}

/** Documents with their ids, and whether only this browser's memory says so. */
export interface Seen<Found> {
  found: Found;
  fromCache: boolean;
}

export type Row = Record<string, unknown> & { id: string };

/** Where a page of documents ends; the next one begins there. */
export type Mark = QueryDocumentSnapshot;

export type Told<Found> = (seen: Seen<Found>) => void;

export type Failed = (error: Error) => void;

export class Documents {
  private constructor(private readonly db: Firestore) {}

  static open(app: FirebaseApp, emulator: string | null): Documents {
    const db = getFirestore(app);
    if (emulator) {
      const { hostname, port } = new URL(`http://${emulator}`);
      connectFirestoreEmulator(db, hostname, Number(port));
    }
    return new Documents(db);
  }

  /** Follow a document, null where there is none. Returns what ends it. */
  follow(path: string, next: Told<Row | null>, failed: Failed): () => void {
    return onSnapshot(
      doc(this.db, path),
      (one) => next({ found: one.exists() ? rowOf(one) : null, fromCache: one.metadata.fromCache }),
      failed,
    );
  }

  /** Follow all documents that are wanted. Returns what ends it. */
  followAll(wanted: Wanted, next: Told<Row[]>, failed: Failed): () => void {
    return onSnapshot(
      this.query(wanted),
      (all) => next({ found: all.docs.map(rowOf), fromCache: all.metadata.fromCache }),
      failed,
    );
  }

  /** The documents after a mark, and the mark of the last one; null where there are no more. */
  async page(wanted: Wanted, after: Mark | null): Promise<{ rows: Row[]; next: Mark | null }> {
    const all = await getDocs(this.query(wanted, after ? [startAfter(after)] : []));
    const full = wanted.limit !== undefined && all.size === wanted.limit;
    return { rows: all.docs.map(rowOf), next: full ? (all.docs.at(-1) ?? null) : null };
  }

  /** How many documents there are: one read for each thousand. */
  async count(wanted: Wanted): Promise<number> {
    return (await getCountFromServer(this.query(wanted))).data().count;
  }

  private query(wanted: Wanted, more: QueryConstraint[] = []): Query {
    return query(
      collection(this.db, wanted.from),
      ...(wanted.where ?? []).map((one) => where(...one)),
      ...(wanted.orderBy ? [orderBy(...wanted.orderBy)] : []),
      ...more,
      ...(wanted.limit ? [limit(wanted.limit)] : []),
    );
  }
}

const rowOf = (one: QueryDocumentSnapshot): Row => ({ ...one.data(), id: one.id });
