/// How times are written. Local times without an offset are read as UTC.
public enum TimeFormat: String, Sendable, Hashable, CaseIterable {
    /// Numbers are Unix seconds below 10¹¹ and milliseconds from there on; dates are ISO 8601 (`2010-12-01 08:26:00`, `T`, `Z`,
    /// offsets and fractions allowed), `month/day/year h:mm`, or `day.month.year h:mm`.
    case automatic = "auto"
    /// Unix seconds, fractions allowed.
    case seconds
    /// Milliseconds, of Unix time or since any other moment: only the order counts.
    case milliseconds
    /// As `auto`, dates with slashes being day/month/year.
    case dayFirst = "day-first"

    /// Milliseconds since 1970 UTC, or nil when the text is not such a time.
    public func milliseconds(_ text: String) -> Int64? {
        var copy = text
        return copy.withUTF8 { milliseconds($0) }
    }

    /// What an error says was expected.
    var expectation: String {
        switch self {
        case .automatic: "a Unix time, an ISO 8601 date, month/day/year or day.month.year (with --time-format day-first: day/month/year)"
        case .seconds: "Unix seconds"
        case .milliseconds: "milliseconds"
        case .dayFirst: "a Unix time, an ISO 8601 date or day/month/year"
        }
    }

    func milliseconds(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        if let whole = NumberText.integer(text) { return scaled(whole) }
        if let number = NumberText.decimal(text) {
            let milliseconds: Double = (self == .milliseconds || (self != .seconds && abs(number) >= 1e11)) ? number : number * 1000
            return Int64(exactly: milliseconds.rounded())
        }
        switch self {
        case .seconds, .milliseconds: return nil
        case .automatic, .dayFirst: return DateText(text).milliseconds(slashedDayFirst: self == .dayFirst)
        }
    }

    private func scaled(_ number: Int64) -> Int64? {
        let isMilliseconds = self == .milliseconds || (self != .seconds && number.magnitude >= 100_000_000_000)
        if isMilliseconds { return number == InteractionTable.missingTime ? nil : number }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : product
    }
}

/// Numbers as text; nil for anything that is not wholly a finite number.
enum NumberText {
    /// An optional sign and up to 19 digits.
    static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        var digits = text[...]
        var isNegative = false
        if let sign = digits.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            digits = digits.dropFirst()
        }
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (tens, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.addingReportingOverflow(Int64(digit - 0x30))
            guard !first, !second else { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }

    /// A decimal number, exponent allowed; neither hexadecimal nor infinite.
    static func decimal(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        if let whole = integer(text) { return Double(whole) }
        guard !text.isEmpty, text.count <= 64, text.allSatisfy(isPartOfNumber) else { return nil }
        guard let number = Double(String(decoding: text, as: UTF8.self)), number.isFinite else { return nil }
        return number
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: false
        }
    }
}
