// The header fields of a request, read in one go: to ask the platform for each of them takes longer than all together.

/** Values by the field's lower-case name; of a field that came more than once, joined by a comma and a blank. */
export type Fields = ReadonlyMap<string, string>;

/** Whatever tells a field's value, a request's own headers too. */
export interface FieldReader {
  get(name: string): string | null | undefined;
}

/** Reads them. */
export function fieldsOf({ headers }: Pick<Request, "headers">): Fields {
  const fields = new Map<string, string>();
  headers.forEach((value, name) => {
    fields.set(name, value);
  });
  return fields;
}
