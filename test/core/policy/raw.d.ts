// What an import of a file as text is, for the tests that read configurations and documents.

declare module "*?raw" {
  const text: string;
  export default text;
}
