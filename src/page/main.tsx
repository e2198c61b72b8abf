import { render } from 'preact';
import { startApp } from './app.ts';
import { pageSchedule } from './history/page-schedule.ts';
import { Page } from './page.tsx';
import { countInTitle } from './title.ts';

const app = startApp(pageSchedule);
countInTitle(app);
render(<Page app={app} />, document.body);
