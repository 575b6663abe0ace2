import { Select } from '@mantine/core';
import type { JourneyDocument } from '@sojourn/schemas';
import { portLabel } from '../../document/summaries.ts';
import { useWords } from '../../i18n/use-words.ts';

/** By which port a step is left that could not do its work: those that lead somewhere. */
export function PortSelect(props: {
  document: JourneyDocument | undefined;
  step: string;
  value: string | null;
  onChange: (port: string | null) => void;
}) {
  const words = useWords();
  const { document, step: id } = props;
  const step = document?.steps[id];
  const ports = (document?.edges ?? []).filter(({ from }) => from === id).map(({ port }) => port);
  return (
    <Select
      required
      label={words.t('commands.port')}
      description={words.t('commands.portHint')}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      value={props.value}
      data={ports.map((port) => ({
        value: port,
        label: step ? portLabel(step, port, words) : port,
      }))}
      onChange={props.onChange}
    />
  );
}
