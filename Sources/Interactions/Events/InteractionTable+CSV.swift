extension InteractionTable {
    /// The events as CSV with the header `user,item` and, where the table has them, `time` (milliseconds since 1970 UTC), `rating` and
    /// `silo`; missing values are empty. Reading it back with times in milliseconds gives this table.
    public func encodedCSV() -> [UInt8] {
        var bytes = Array("user,item".utf8)
        if hasTimes { bytes.append(contentsOf: ",time".utf8) }
        if hasRatings { bytes.append(contentsOf: ",rating".utf8) }
        if hasSilos { bytes.append(contentsOf: ",silo".utf8) }
        bytes.append(0x0A)
        bytes.reserveCapacity(count * 32)
        let users = users.identifiers.map { DelimitedText.field($0) }
        let items = items.identifiers.map { DelimitedText.field($0) }
        let silos = silos.identifiers.map { DelimitedText.field($0) }
        let comma = UInt8(ascii: ",")
        for row in 0..<count {
            bytes.append(contentsOf: users[Int(user[row])])
            bytes.append(comma)
            bytes.append(contentsOf: items[Int(item[row])])
            if hasTimes {
                bytes.append(comma)
                if time[row] != Self.missingTime { bytes.append(contentsOf: String(time[row]).utf8) }
            }
            if hasRatings {
                bytes.append(comma)
                if !rating[row].isNaN { bytes.append(contentsOf: "\(rating[row])".utf8) }
            }
            if hasSilos {
                bytes.append(comma)
                if silo[row] >= 0 { bytes.append(contentsOf: silos[Int(silo[row])]) }
            }
            bytes.append(0x0A)
        }
        return bytes
    }
}

/// Writing of RFC 4180.
enum DelimitedText {
    /// The field's bytes, in quotes exactly if it holds a comma, a quote, CR or LF, or begins or ends with a space or tab.
    static func field(_ text: String) -> [UInt8] {
        let special: (UInt8) -> Bool = { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D }
        let isSpace: (UInt8?) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard text.utf8.contains(where: special) || isSpace(text.utf8.first) || isSpace(text.utf8.last) else { return Array(text.utf8) }
        var bytes = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
        return bytes
    }
}
