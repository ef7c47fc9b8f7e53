/// Reads one line of JSON Lines (RFC 8259): an object whose members are wanted by name. Nested values are checked and skipped.
struct JSONLineScanner {
    struct Malformed: Error {
        /// Byte in the line, from 0.
        var position: Int
        var message: String
    }

    struct Member {
        var key: String
        /// The text of a string, number or truth value; nil for null, objects and lists.
        var value: [UInt8]?
        /// Byte in the line where the value begins, from 0.
        var position: Int
    }

    private let text: ArraySlice<UInt8>
    private var position: Int
    private static let deepest = 64

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    /// The members of the line's object in their order.
    mutating func object() throws(Malformed) -> [Member] {
        skipSpace()
        try expect(UInt8(ascii: "{"), "expected a JSON object, beginning with {")
        var members: [Member] = []
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            position += 1
        } else {
            repeat {
                skipSpace()
                guard peek() == UInt8(ascii: "\"") else { throw malformed("expected a key in double quotes") }
                guard let key = String(validating: try string(), as: UTF8.self) else { throw malformed(TextEncoding.expectation) }
                skipSpace()
                try expect(UInt8(ascii: ":"), "expected a colon after the key")
                skipSpace()
                let start = position - text.startIndex
                members.append(Member(key: key, value: try value(depth: 1), position: start))
                skipSpace()
            } while try separator(orEnd: UInt8(ascii: "}"))
        }
        skipSpace()
        guard position == text.endIndex else { throw malformed("expected the end of the line after the object") }
        return members
    }

    private mutating func value(depth: Int) throws(Malformed) -> [UInt8]? {
        guard depth <= Self.deepest else { throw malformed("expected values nested at most \(Self.deepest) deep") }
        switch peek() {
        case UInt8(ascii: "\""): return try string()
        case UInt8(ascii: "{"):
            position += 1
            skipSpace()
            if peek() == UInt8(ascii: "}") { position += 1; return nil }
            repeat {
                skipSpace()
                guard peek() == UInt8(ascii: "\"") else { throw malformed("expected a key in double quotes") }
                _ = try string()
                skipSpace()
                try expect(UInt8(ascii: ":"), "expected a colon after the key")
                skipSpace()
                _ = try value(depth: depth + 1)
                skipSpace()
            } while try separator(orEnd: UInt8(ascii: "}"))
            return nil
        case UInt8(ascii: "["):
            position += 1
            skipSpace()
            if peek() == UInt8(ascii: "]") { position += 1; return nil }
            repeat {
                skipSpace()
                _ = try value(depth: depth + 1)
                skipSpace()
            } while try separator(orEnd: UInt8(ascii: "]"))
            return nil
        default: return try word()
        }
    }

    /// A number, `true`, `false` or `null`.
    private mutating func word() throws(Malformed) -> [UInt8]? {
        let start = position
        while let byte = peek(), ![UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0D].contains(byte) { position += 1 }
        let word = Array(text[start..<position])
        if word == Array("null".utf8) { return nil }
        if word == Array("true".utf8) || word == Array("false".utf8) { return word }
        guard word.withUnsafeBufferPointer({ NumberText.decimal($0) }) != nil else {
            position = start
            throw malformed("expected a JSON value")
        }
        return word
    }

    private mutating func string() throws(Malformed) -> [UInt8] {
        position += 1
        var bytes: [UInt8] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return bytes
            case UInt8(ascii: "\\"): try escape(into: &bytes)
            case 0..<0x20: throw malformed("expected no control character inside a string")
            default: bytes.append(byte)
            }
        }
        throw malformed("expected a closing quote")
    }

    private mutating func escape(into bytes: inout [UInt8]) throws(Malformed) {
        guard let byte = peek() else { throw malformed("expected a character after the backslash") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                try expect(UInt8(ascii: "\\"), "expected the second half of a surrogate pair")
                try expect(UInt8(ascii: "u"), "expected the second half of a surrogate pair")
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed("expected the second half of a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw malformed("expected a character, not half of a surrogate pair") }
            bytes.append(contentsOf: Character(scalar).utf8)
        default: throw malformed("expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw malformed("expected four hexadecimal digits") }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    /// Steps over a comma (true) or the closing character (false).
    private mutating func separator(orEnd end: UInt8) throws(Malformed) -> Bool {
        guard let byte = peek(), byte == UInt8(ascii: ",") || byte == end else { throw malformed("expected a comma or \(Character(Unicode.Scalar(end)))") }
        position += 1
        return byte != end
    }

    private mutating func expect(_ byte: UInt8, _ message: String) throws(Malformed) {
        guard peek() == byte else { throw malformed(message) }
        position += 1
    }

    private func peek() -> UInt8? { position < text.endIndex ? text[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0D { position += 1 }
    }

    private func malformed(_ message: String) -> Malformed { Malformed(position: position - text.startIndex, message: message) }
}
