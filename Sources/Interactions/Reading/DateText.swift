/// A date, with or without a time of day, being read from text.
struct DateText {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// Milliseconds since 1970 UTC, or nil when the text is not a date of the Gregorian calendar in the years 1 … 9999.
    mutating func parse(slashedDayFirst: Bool) -> Int64? {
        guard let first = number(digits: 1...4), let separator = next(), let second = number(digits: 1...2), next() == separator,
            let third = number(digits: 1...4)
        else { return nil }
        let date: (year: Int, month: Int, day: Int)
        switch separator {
        case UInt8(ascii: "-"): date = (first, second, third)
        case UInt8(ascii: "."): date = (third, second, first)
        // Four digits before the first slash can only be a year.
        case UInt8(ascii: "/"):
            date = first > 31 ? (first, second, third) : slashedDayFirst ? (third, second, first) : (third, first, second)
        default: return nil
        }
        guard (1...9999).contains(date.year), (1...12).contains(date.month), (1...Self.days(in: date.month, of: date.year)).contains(date.day) else {
            return nil
        }
        guard let timeOfDay = timeOfDay() else { return nil }
        return Self.daysSince1970(date.year, date.month, date.day) * 86_400_000 + timeOfDay
    }

    func milliseconds(slashedDayFirst: Bool) -> Int64? {
        var copy = self
        return copy.parse(slashedDayFirst: slashedDayFirst)
    }

    /// What follows the date: nothing, or a space or `T`, hours and minutes, and if present seconds, fraction and offset.
    private mutating func timeOfDay() -> Int64? {
        guard position < text.count else { return 0 }
        guard let gap = next(), gap == 0x20 || gap == UInt8(ascii: "T") || gap == UInt8(ascii: "t") else { return nil }
        guard let hour = number(digits: 1...2), hour < 24, next() == UInt8(ascii: ":"), let minute = number(digits: 2...2), minute < 60 else { return nil }
        var milliseconds = Int64(hour * 60 + minute) * 60_000
        if peek() == UInt8(ascii: ":") {
            position += 1
            // A leap second counts as the second after it.
            guard let second = number(digits: 2...2), second <= 60 else { return nil }
            milliseconds += Int64(second) * 1000
            if let mark = peek(), mark == UInt8(ascii: ".") || mark == UInt8(ascii: ",") {
                position += 1
                guard let fraction = fraction() else { return nil }
                milliseconds += fraction
            }
        }
        guard let offset = offset(), position == text.count else { return nil }
        return milliseconds - offset
    }

    /// Digits after the decimal mark, as milliseconds; further digits are cut off.
    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while let byte = peek(), (0x30...0x39).contains(byte) {
            if digits < 3 { value = value * 10 + Int64(byte - 0x30) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in min(digits, 3)..<3 { value *= 10 }
        return value
    }

    /// Milliseconds east of UTC: `Z`, `+02:00`, `+0200`, `+02`, a space before it allowed; 0 when nothing is said.
    private mutating func offset() -> Int64? {
        if peek() == 0x20 { position += 1 }
        guard let sign = next() else { return 0 }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), let hours = number(digits: 2...2), hours < 24 else { return nil }
        if peek() == UInt8(ascii: ":") { position += 1 }
        var minutes = 0
        if position < text.count {
            guard let value = number(digits: 2...2), value < 60 else { return nil }
            minutes = value
        }
        let offset = Int64(hours * 60 + minutes) * 60_000
        return sign == UInt8(ascii: "-") ? -offset : offset
    }

    private func peek() -> UInt8? { position < text.count ? text[position] : nil }

    private mutating func next() -> UInt8? {
        guard position < text.count else { return nil }
        position += 1
        return text[position - 1]
    }

    private mutating func number(digits: ClosedRange<Int>) -> Int? {
        var value = 0
        var count = 0
        while count < digits.upperBound, let byte = peek(), (0x30...0x39).contains(byte) {
            value = value * 10 + Int(byte - 0x30)
            count += 1
            position += 1
        }
        return count >= digits.lowerBound ? value : nil
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Hinnant, *chrono-compatible low-level date algorithms*, days_from_civil; for years from 1 on.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
