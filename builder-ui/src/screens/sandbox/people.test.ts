import { describe, expect, it } from 'vitest';
import type { Subject } from '../../api/shapes.ts';
import type { MailItem, TextItem } from './items.ts';
import { isOf, peopleIn, personWith } from './people.ts';

const ada: Subject = {
  ...{ type: 'patient', key: 'ada', revision: 1, createdAt: '', updatedAt: '' },
  attributes: { email: 'Ada@Patients.example', phone: '+886 912 345 678', givenName: 'Ada' },
};
const text = { direction: 'out', to: '+886912345678', from: 'Sojourn' } as TextItem;
const mail = { to: 'ada@patients.example', from: 'Care <care@sojourn.example>' } as MailItem;
const order = { id: 'o1', to: 'Ada Lin', subject: 'patient/ada' };

describe('the people of the outside world', () => {
  it('are one person by phone, by mail and by name, where it is known who they are', () => {
    const people = peopleIn({ texts: [text], mails: [mail], others: [order] }, [ada]);

    expect(people).toMatchObject([{ label: 'Ada · ada', subject: 'patient/ada' }]);
    expect(personWith('ADA@patients.example', people)).toBe(people[0]);
    expect(personWith('Ada Lin', people)).toBe(people[0]);
  });

  it('are called as it is done where they come from', () => {
    const chou = { ...ada, attributes: { ...ada.attributes, givenName: '以凌', familyName: '周' } };
    const [person] = peopleIn({ texts: [text], mails: [], others: [] }, [chou]);

    expect(person?.label).toBe('周以凌 · ada');
  });

  it('are who they say they are where nobody knows them', () => {
    const people = peopleIn({ texts: [text], mails: [mail], others: [] }, []);

    expect(people.map(({ label }) => label)).toEqual(['+886912345678', 'ada@patients.example']);
  });

  it('count a mail that a person wrote as theirs', () => {
    const written = {
      ...mail,
      state: 'written',
      from: 'Ben <ben@x.example>',
      to: 'in@box.example',
    };
    const people = peopleIn({ texts: [], mails: [written], others: [] }, []);

    expect(people.map(({ to }) => to)).toEqual(['ben@x.example']);
  });

  it('may be somebody whom nothing came to yet', () => {
    const somebody = personWith('new@x.example', []);

    expect(somebody && isOf(somebody, 'New@x.example')).toBe(true);
    expect(personWith('', [])).toBeUndefined();
  });
});
