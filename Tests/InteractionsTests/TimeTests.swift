import Interactions
import Testing

@Suite("Times as text")
struct TimeTests {
    @Test(
        "are read in the formats that exports use",
        arguments: [
            ("881250949", 881_250_949_000), ("881250949.25", 881_250_949_250), ("1291193160000", 1_291_193_160_000), ("-1", -1000), ("1e9", 1_000_000_000_000),
            ("2010-12-01 08:26:00", 1_291_191_960_000), ("2010-12-01 08:26", 1_291_191_960_000), ("2010-12-01T08:26:00Z", 1_291_191_960_000),
            ("2010-12-01T10:26:00+02:00", 1_291_191_960_000), ("2010-12-01T03:56:00.5-0430", 1_291_191_960_500), ("12/1/2010 8:26", 1_291_191_960_000),
            ("1.12.2010 08:26:00", 1_291_191_960_000), ("2010/12/01 08:26:00,123456 +00", 1_291_191_960_123), ("1970-01-01", 0), ("2000-02-29", 951_782_400_000),
            ("1969-12-31 23:59:59.999", -1), ("0001-01-01", -62_135_596_800_000),
        ] as [(String, Int64)])
    func read(text: String, milliseconds: Int64) { #expect(TimeFormat.automatic.milliseconds(text) == milliseconds) }

    @Test("day first, seconds and milliseconds are chosen by name")
    func chosen() {
        #expect(TimeFormat.dayFirst.milliseconds("1/12/2010 8:26") == 1_291_191_960_000)
        #expect(TimeFormat.milliseconds.milliseconds("526309") == 526_309)
        #expect(TimeFormat.seconds.milliseconds("200000000000") == 200_000_000_000_000)
        #expect(TimeFormat.seconds.milliseconds("2010-12-01") == nil)
    }

    @Test(
        "nothing else is taken for a time",
        arguments: [
            "", " ", "yesterday", "2010-13-01", "2010-02-29", "1900-02-29", "2010-12-01 24:00", "2010-12-01 8", "2010-12-01x", "2010-12/01", "31/12/2010",
            "2010-12-01 08:26:00+", "2010-12-01 08:26:00.", "99999999999999999999", "9223372036854775807e9", "nan", "inf", "0x10", "1/2", "--5", "2010-12-01 08:60",
        ])
    func refused(text: String) { #expect(TimeFormat.automatic.milliseconds(text) == nil) }

    @Test("every day from 1900 to 2100 is the day after the one before")
    func calendar() {
        var expected: Int64 = -2_208_988_800_000
        for year in 1900...2100 {
            for month in 1...12 {
                for day in 1...31 {
                    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
                    guard let time = TimeFormat.automatic.milliseconds("\(year)-\(two(month))-\(two(day))") else { continue }
                    #expect(time == expected)
                    expected += 86_400_000
                }
            }
        }
        #expect(expected == TimeFormat.automatic.milliseconds("2101-01-01"))
    }
}
