/**
 * pmproxy as a library: start a recording proxy in your own program and render what it recorded.
 *
 * @module
 */
export * from './errors.ts';
export * from './exchange.ts';
export { type Exporter, type ExportOptions, exporterFor, exporters } from './exporters/index.ts';
export { type ProxyOptions, type RunningProxy, startProxy } from './proxy/index.ts';
export { type Criteria, compileFilters, type Filters } from './record/filters.ts';
export { Journal } from './record/journal.ts';
export { type OpenJournal, openJournal } from './record/journal-reader.ts';
export { createRecorder, type Recorder } from './record/recorder.ts';
