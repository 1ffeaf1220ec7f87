import { render } from 'solid-js/web';
import { App } from './app.tsx';
import { listen } from './live.ts';
import './style.css';

const place = document.querySelector('#app');
if (place === null) throw new TypeError('the page has no place for the dashboard');
render(() => <App />, place);
listen();
