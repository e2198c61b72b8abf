declare module 'curl-to-postmanv2' {
  export function convert(
    input: { type: 'string'; data: string },
    callback: (error: Error | null, result: never) => void,
  ): void;
}
