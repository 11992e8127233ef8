import fc from 'fast-check';
import { FormError } from './form-fields.js';
import { decodeUrlencoded } from './urlencoded.js';

const decode = (body: string) => [...decodeUrlencoded(Buffer.from(body))];

describe('decodeUrlencoded', () => {
  it.each<[body: string, fields: [string, string[]][]]>([
    ['', []],
    ['&', []],
    [
      '&&a=1&&&b=2&',
      [
        ['a', ['1']],
        ['b', ['2']],
      ],
    ],
    ['a=1;b=2', [['a', ['1;b=2']]]],
    ['a', [['a', ['']]]],
    [
      'a&b=',
      [
        ['a', ['']],
        ['b', ['']],
      ],
    ],
    ['=', [['', ['']]]],
    ['=x', [['', ['x']]]],
    ['a=b=c', [['a', ['b=c']]]],
    ['a==', [['a', ['=']]]],
    ['a+b=c+d', [['a b', ['c d']]]],
    ['a=%2B%26%3D%25', [['a', ['+&=%']]]],
    ['user%6eame=vec%6Aohn', [['username', ['vecjohn']]]],
    ['a=%', [['a', ['%']]]],
    ['a=%4', [['a', ['%4']]]],
    ['a=%zz%4g%g4', [['a', ['%zz%4g%g4']]]],
    ['a=%%41', [['a', ['%A']]]],
    ['a=%2541', [['a', ['%41']]]],
    ['a=%4%31', [['a', ['%41']]]],
    ['a=%+1', [['a', ['% 1']]]],
    ['a=%/0%:0%@0%G0%`0', [['a', ['%/0%:0%@0%G0%`0']]]],
    ['a=%4A%4a%aF%Fa', [['a', ['JJ\udcaf\udcfa']]]],
    [' a = 1 \r\n', [[' a ', [' 1 \r\n']]]],
    [
      'a[]=1&A=2',
      [
        ['a[]', ['1']],
        ['A', ['2']],
      ],
    ],
    [
      'a=1&b=2&a=&a=3',
      [
        ['a', ['1', '', '3']],
        ['b', ['2']],
      ],
    ],
    [
      'b=1&10=2&2=3',
      [
        ['b', ['1']],
        ['10', ['2']],
        ['2', ['3']],
      ],
    ],
    [
      '__proto__=1&constructor=2&__proto__=3',
      [
        ['__proto__', ['1', '3']],
        ['constructor', ['2']],
      ],
    ],
    ['a=%00', [['a', ['\0']]]],
    [
      'a=%C3%A9&%c3%a9=b',
      [
        ['a', ['é']],
        ['é', ['b']],
      ],
    ],
    ['a=é😀', [['a', ['é😀']]]],
    [
      'a=%FF%ED%A0%80&%FF=b',
      [
        ['a', ['\udcff\udced\udca0\udc80']],
        ['\udcff', ['b']],
      ],
    ],
    ['{"a":"b=c"}', [['{"a":"b', ['c"}']]]],
  ])('reads %j', (body, fields) => {
    expect(decode(body)).toEqual(fields);
  });

  it('reads raw and escaped bytes together as UTF-8', () => {
    const body = Buffer.from('a=%C3\xa9\xff%A9', 'latin1');
    expect([...decodeUrlencoded(body)]).toEqual([['a', ['é\udcff\udca9']]]);
  });

  it('reads any string that URLSearchParams writes', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
        const names = [...new Set(pairs.map(([name]) => name))];
        const valuesOf = (name: string) => pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
        expect(decode(new URLSearchParams(pairs).toString())).toEqual(names.map((name) => [name, valuesOf(name)]));
      }),
    );
  });

  it.each(['a=1&', '&a', 'a=&&'])('accepts a thousand of %j, without counting empty pieces', (piece) => {
    const body = '&'.repeat(2000) + piece.repeat(1000);
    expect(decodeUrlencoded(Buffer.from(body)).get('a')).toHaveLength(1000);
    const error = new FormError('Too many fields. Maximum number of fields is 1000.');
    expect(() => decode(`${body}&=`)).toThrow(error);
  });
});
