/**
 * What onnx.checker 1.23.1 says of the corpora, by row from 1: `plain` are the rows that check_model refuses, `full` those
 * that it refuses only with full_check=True (strict inference). All others are valid to it.
 */
export interface Verdicts {
  readonly plain: ReadonlySet<number>;
  readonly full: ReadonlySet<number>;
}

/** `1 3-5` stands for 1, 3, 4 and 5. */
function rows(text: string): ReadonlySet<number> {
  const numbers = text.split(' ').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    return part === '' ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return new Set(numbers);
}

export const verdicts: Readonly<Record<string, Verdicts>> = {
  'checker-corpus': {
    plain: rows('3 6 18-27'),
    full: rows('1-2 4 9-11 13-14 29'),
  },
  'shape-inference-corpus': {
    plain: rows(
      '550-562 723 726 842 844 963-971 973-995 1004-1006 1177-1189 1201 1213-1214 1307-1308 1360 1363-1365 ' +
        '1384 1420-1421 1472-1475 1485-1489 1615-1621 1623-1624 1630-1633',
    ),
    full: rows(
      '49-52 106-109 116-117 158 176-177 200-201 246-247 306-309 356-357 442-443 476-487 512-513 547-548 ' +
        '563 584-586 638 658-660 898-901 910-955 957-962 1007-1012 1041-1044 1050-1053 1066-1068 1095 1106 ' +
        '1109 1112 1119-1128 1143-1152 1160-1161 1174 1193-1200 1202-1203 1209-1210 1221-1222 1263-1264 ' +
        '1297-1298 1316-1317 1335-1336 1361-1362 1372 1422-1425 1434-1436 1439 1442 1479-1480 1560-1571 ' +
        '1578-1579 1591-1594 1599-1602 1609-1610 1625-1626 1629 1634-1642',
    ),
  },
  'version-converter-corpus': {
    plain: rows('277-280 288-291 295 360-363 380 407 409-413'),
    full: rows('29-30 58-59 63 84 93 105 128 158-159 183 228 245-250 263 274 298 338 356'),
  },
  'optimizer-inputs': {
    plain: rows(''),
    full: rows('2 18 33-36 64 85 93-94 97-100 122-123 126-129 143-144 151'),
  },
};
