import { IconAlertTriangle, IconArrowRight, IconLink, IconUnlink } from '@tabler/icons-react';
import { useManifests } from '../api/queries.ts';
import { useEditorTools } from '../editor/actions-context.ts';
import { useDocument, useEditor, useEditorStore } from '../editor/store.ts';
import { shownPorts, targetsOf } from '../document/reading.ts';
import { openPortText, portLabel, titleOf } from '../document/summaries.ts';
import { useWords } from '../i18n/use-words.ts';
import { IconButton } from '../ui/Button.tsx';

/** Where each port of a step leads, to be led elsewhere. */
export function PortList({ id }: { id: string }) {
  const words = useWords();
  const { t } = words;
  const editor = useEditorStore();
  const document = useDocument();
  const manifests = useManifests();
  const journeys = useEditor((state) => state.called);
  const { actions, goTo } = useEditorTools();
  const step = document.steps[id];
  if (!step) return null;
  const ports = shownPorts(document, id, manifests, journeys);
  const targets = targetsOf(document, id);
  if (ports.length === 0) return null;
  return (
    <div>
      <span className="lab">{t('inspector.ports')}</span>
      <ul className="port-list">
        {ports.map(({ port, required }) => {
          const target = targets.get(port);
          const to = target === undefined ? undefined : document.steps[target];
          return (
            <li key={port}>
              <b>{portLabel(step, port, words)}</b>
              {target !== undefined && to ? (
                <>
                  <IconArrowRight size={13} aria-hidden />
                  <button type="button" className="link plain cut" onClick={() => goTo(target)}>
                    {titleOf(target, to, manifests, words)}
                  </button>
                  <IconButton
                    className="small end"
                    label={t('inspector.disconnectPort', { port: portLabel(step, port, words) })}
                    onClick={() => actions.disconnect(id, port)}
                  >
                    <IconUnlink size={14} />
                  </IconButton>
                </>
              ) : (
                <>
                  <IconAlertTriangle
                    size={13}
                    color={required ? 'var(--bad)' : undefined}
                    aria-hidden
                  />
                  <span className={required ? 'st bad' : 'mut'}>
                    {openPortText(step, port, required, manifests, words)}
                  </span>
                  <IconButton
                    className="small end"
                    label={t('inspector.connectPort', { port: portLabel(step, port, words) })}
                    onClick={() => editor.setState({ dialog: { type: 'connect', from: id, port } })}
                  >
                    <IconLink size={14} />
                  </IconButton>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
