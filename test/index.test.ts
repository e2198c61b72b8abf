import { readFile } from 'node:fs/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { exporters, startRecording, type UserError } from '../src/index.ts';
import type { Collection } from './helpers/collections.ts';
import { newFolder } from './helpers/folder.ts';
import { curl } from './helpers/http-client.ts';
import { httpsUpstream, httpUpstream, upstreamAuthority } from './helpers/upstream.ts';
