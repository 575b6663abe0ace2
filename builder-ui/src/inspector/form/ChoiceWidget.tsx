import { Combobox, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { WidgetProps } from '@rjsf/utils';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api/client.ts';
import type { OptionsPage } from '../../api/shapes.ts';
import type { Chooser, FormContext } from './form-context.ts';

const typingMs = 250;
const more = '\u0000more';

const choicesQuery = (
  { path, connection }: Chooser,
  name: string,
  search: string,
  config: Record<string, unknown>,
) =>
  infiniteQueryOptions({
    queryKey: ['choices', path, name, connection, search, config],
    queryFn: ({ signal, pageParam: cursor }) =>
      call<OptionsPage>(`${path}/${encodeURIComponent(name)}`, {
        ...{ method: 'POST', signal },
        body: {
          ...{ search, config },
          ...(cursor === undefined ? {} : { cursor }),
          ...(connection === undefined ? {} : { connection }),
        },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 60_000,
    retry: false,
  });

/**
 * A text for which a plugin offers choices. They are looked up when the field is entered, by what is typed. Whatever is typed counts:
 * a provider that does not answer, or does not list everything, is in nobody's way.
 */
export function ChoiceWidget({ id, value, onChange, options, registry, schema }: WidgetProps) {
  const { t } = useTranslation();
  const { chooser, config, chips } = registry.formContext as FormContext & { chooser: Chooser };
  const text = typeof value === 'string' ? value : '';
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  /** What is looked for: nothing until something is typed, so that entering a field shows what else there is. */
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState(config);
  const values = options['template'] === true ? chips.filter((chip) => chip.includes(typed)) : [];
  const [search] = useDebouncedValue(typed, typingMs);
  const found = useInfiniteQuery({
    ...choicesQuery(chooser, String(options['name']), search, asked),
    enabled: box.dropdownOpened,
  });
  const items = (found.data?.pages ?? []).flatMap((page) => page.items);
  const open = (): void => {
    if (box.dropdownOpened) return;
    setTyped('');
    setAsked(config);
    box.openDropdown();
  };

  return (
    <Combobox
      store={box}
      onOptionSubmit={(choice) => {
        if (choice === more) {
          void found.fetchNextPage();
          return;
        }
        onChange(choice);
        box.closeDropdown();
      }}
    >
      <Combobox.Target>
        <TextInput
          id={id}
          autoComplete="off"
          value={text}
          placeholder={typeof schema.default === 'string' ? schema.default : ''}
          rightSection={<Combobox.Chevron size="xs" />}
          rightSectionPointerEvents="none"
          onFocus={open}
          onClick={open}
          onBlur={() => box.closeDropdown()}
          onChange={(event) => {
            const next = event.currentTarget.value;
            open();
            setTyped(next);
            onChange(next === '' ? undefined : next);
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options aria-label={t('form.choices')} mah={240} style={{ overflowY: 'auto' }}>
          {items.map((choice) => (
            <Combobox.Option key={choice.value} value={choice.value}>
              <span>{choice.label}</span>{' '}
              {choice.label === choice.value ? null : (
                <span className="xs mut mono">{choice.value}</span>
              )}
            </Combobox.Option>
          ))}
          {found.hasNextPage && !found.isFetchingNextPage ? (
            <Combobox.Option value={more}>{t('form.choicesMore')}</Combobox.Option>
          ) : null}
          {found.isFetching ? <Combobox.Empty>{t('form.choicesLooking')}</Combobox.Empty> : null}
          {found.isSuccess && !found.isFetching && items.length === 0 ? (
            <Combobox.Empty>{t('form.choicesEmpty')}</Combobox.Empty>
          ) : null}
          {values.length > 0 ? (
            <Combobox.Group label={t('form.insert')}>
              {values.map((chip) => (
                <Combobox.Option key={chip} value={`{{ ${chip} }}`} className="mono xs">
                  {chip}
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ) : null}
          {found.isError ? (
            <Combobox.Empty className="bad" role="alert">
              {t('form.choicesFailed', { reason: found.error.message })}
            </Combobox.Empty>
          ) : null}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
