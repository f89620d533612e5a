/** A document as the driver takes and gives it. */
export type Document = Record<string, unknown>;

/**
 * The part of the driver's `MongoClient` that the library calls: a client of your own fits. It is written out here, because
 * the types of the library must not need the driver.
 */
export interface MongoClientLike {
  connect(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
  db(name?: string): MongoDbLike;
  startSession(options?: Document): MongoSessionLike;
  on(event: string, listener: (event: never) => void): unknown;
  off(event: string, listener: (event: never) => void): unknown;
}

/** The part of the driver's `Db` that the library calls. */
export interface MongoDbLike {
  readonly databaseName: string;
  readonly readPreference?: unknown;
  readonly readConcern?: unknown;
  readonly writeConcern?: unknown;
  command(command: object, options?: object): Promise<Document>;
  collection(name: string): MongoCollectionLike;
}

/** The part of the driver's `Collection` that the library calls. */
export interface MongoCollectionLike {
  readonly collectionName: string;
  find(filter: object, options?: object): MongoCursorLike;
  aggregate(pipeline: object[], options?: object): MongoCursorLike;
  insertOne(document: object, options?: object): Promise<unknown>;
  findOneAndUpdate(filter: object, update: object, options: object): Promise<unknown>;
  findOneAndDelete(filter: object, options: object): Promise<unknown>;
}

/** The part of the driver's cursors that the library calls. */
export interface MongoCursorLike {
  hasNext(): Promise<boolean>;
  readBufferedDocuments(count?: number): unknown[];
  toArray(): Promise<unknown[]>;
  close(): Promise<void>;
}

/** The part of the driver's `ClientSession` that the library calls. */
export interface MongoSessionLike {
  startTransaction(options?: object): void;
  commitTransaction(options?: object): Promise<unknown>;
  abortTransaction(options?: object): Promise<unknown>;
  inTransaction(): boolean;
  endSession(options?: object): Promise<unknown>;
}

/** The classes of BSON values that have no JavaScript type of their own. They come from the driver that is installed. */
export interface BsonTypes {
  readonly Int32: new (value: number) => object;
  readonly Double: new (value: number) => object;
  readonly Long: { fromNumber(value: number): object; fromBigInt(value: bigint): object };
  readonly Decimal128: { fromString(text: string): object };
  readonly Binary: new (bytes: Uint8Array, subType?: number) => object;
  readonly ObjectId: new (hex: string) => object;
}
