/**
 * pmproxy as a library: record in your own program and render what was recorded.
 *
 * @module
 */
export type { Comparison } from './compare/comparison.ts';
export type { Finding } from './compare/finding.ts';
export { type CompareOptions, compare } from './comparing.ts';
export { UserError } from './errors.ts';
export type * from './exchange.ts';
export { headerValue, headerValues, responseOf } from './exchange.ts';
export {
  type Exporter,
  type ExportOptions,
  exporterFor,
  exporters,
  type FolderExporter,
  folderExporters,
  type GivenOptions,
  type RenderedFile,
} from './exporters/index.ts';
export { type MockOptions, type RunningMock, startMock } from './mocking.ts';
export { type ProxyOptions, type RunningProxy, startProxy } from './proxy/index.ts';
export type { Criteria } from './record/filters.ts';
export {
  type FinishedRecording,
  type RecordingOptions,
  type RunningRecording,
  startRecording,
} from './recording.ts';
