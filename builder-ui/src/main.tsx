import '@fontsource-variable/inter/opsz.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/tokens.css';
import './theme/base.css';
import './shell/shell.css';
import './screens/screens.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { startLanguages } from './i18n/index.ts';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');
await startLanguages();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
// Chinese may stand on any page, whatever its language. The browser fetches only the parts it draws.
void import('./theme/han.ts');
