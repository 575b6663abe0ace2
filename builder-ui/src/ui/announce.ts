import { notifications } from '@mantine/notifications';

/** The id of the one region that is read aloud. */
export const liveRegionId = 'spoken';

/** Says a result to screen readers. */
export function speakOut(message: string): void {
  const region = document.getElementById(liveRegionId);
  if (region) region.textContent = message;
}

/** Shows a result for a few seconds and says it. */
export function announce(message: string, tone: 'ok' | 'bad' = 'ok'): void {
  speakOut(message);
  notifications.show({
    message,
    color: tone === 'ok' ? 'petrol' : 'red',
    autoClose: tone === 'ok' ? 4000 : 8000,
    withBorder: true,
  });
}
