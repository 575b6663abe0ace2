import { describe, expect, it } from 'vitest';
import { destinationFields, phoneOf, sourceFields, toPhone } from './phone.ts';

describe('a phone number', () => {
  it.each([
    ['+886912345678', '+886912345678'],
    ['+886 912-345-678', '+886912345678'],
    ['00886 (912) 345.678', '+886912345678'],
    ['＋８８６９１２３４５６７８', '+886912345678'],
    ['0912345678', undefined],
    ['886912345678', undefined],
    ['+0912345678', undefined],
    ['+12', undefined],
    ['+1234567890123456', undefined],
    ['+886912345678,+886912345679', undefined],
    ['+886912345678\u0000', undefined],
    ['', undefined],
  ])('%j is kept as %s', (text, phone) => {
    expect(toPhone(text)).toBe(phone);
  });

  it.each([
    ['886912345678', 1, '+886912345678'],
    ['+886912345678', 1, '+886912345678'],
    ['886912345678', 0, '+886912345678'],
    ['00886912345678', 0, '+886912345678'],
    ['0912345678', 0, undefined],
    ['0912345678', 2, undefined],
    ['27300', 0, undefined],
    ['Clinic', 5, undefined],
  ])('%j of the type %i comes from %s', (address, ton, phone) => {
    expect(phoneOf(address, ton)).toBe(phone);
  });
});

describe('an address of SMPP', () => {
  it.each([
    ['+886912345678', 1, 1, '886912345678'],
    ['27300', 0, 1, '27300'],
    ['Clinic 7', 5, 0, 'Clinic 7'],
  ])('%s has its type and its plan', (text, ton, npi, address) => {
    expect(sourceFields(text)).toEqual({
      ...{ source_addr_ton: ton, source_addr_npi: npi, source_addr: address },
    });
    expect(destinationFields(text)).toEqual({
      ...{ dest_addr_ton: ton, dest_addr_npi: npi, destination_addr: address },
    });
  });
});
