/**
 * pmproxy as a library: record in your own program and render what was recorded.
 *
 * @module
 */
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
export { type ProxyOptions, type RunningProxy, startProxy } from './proxy/index.ts';
export type { Criteria } from './record/filters.ts';
export {
  type FinishedRecording,
  type RecordingOptions,
  type RunningRecording,
  startRecording,
} from './recording.ts';
