/// Reads a safetensors header: the subset of JSON the format allows, and nothing else.
struct SafetensorsHeaderParser {
    struct Header {
        var entries: [SafetensorsEntry] = []
        var metadata: [String: String] = [:]
    }

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    mutating func parse() throws -> Header {
        var header = Header()
        var seen: Set<String> = []
        guard bytes.first == UInt8(ascii: "{") else { throw problem("does not begin with '{'") }
        try object { parser, name in
            guard seen.insert(name).inserted else { throw parser.problem("names \(name) twice") }
            if name == "__metadata__" {
                header.metadata = try parser.metadata()
            } else {
                header.entries.append(try parser.entry(name))
            }
        }
        skipSpace()
        guard position == bytes.endIndex else { throw problem("has text after its closing brace") }
        return header
    }

    private mutating func metadata() throws -> [String: String] {
        var metadata: [String: String] = [:]
        try object { parser, key in
            guard metadata.updateValue(try parser.string(), forKey: key) == nil else { throw parser.problem("names \(key) twice") }
        }
        return metadata
    }

    private mutating func entry(_ name: String) throws -> SafetensorsEntry {
        var type: SafetensorsType?
        var shape: [Int]?
        var offsets: [Int]?
        try object { parser, key in
            switch key {
            case "dtype" where type == nil:
                let text = try parser.string()
                guard let known = SafetensorsType(rawValue: text) else {
                    throw SafetensorsError("tensor \(name) has the type \(text); F64, F32, F16 and BF16 can be read")
                }
                type = known
            case "shape" where shape == nil: shape = try parser.numbers()
            case "data_offsets" where offsets == nil: offsets = try parser.numbers()
            default: throw parser.problem("has the unexpected or repeated key \(key) in tensor \(name)")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw SafetensorsError("tensor \(name) lacks one of dtype, shape and two data_offsets")
        }
        return SafetensorsEntry(name: name, type: type, shape: shape, start: offsets[0], end: offsets[1])
    }

    // MARK: JSON

    private mutating func object(_ member: (inout Self, String) throws -> Void) throws {
        try expect("{")
        if accept("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while accept(",")
        try expect("}")
    }

    /// An array of non-negative integers.
    private mutating func numbers() throws -> [Int] {
        try expect("[")
        var values: [Int] = []
        if accept("]") { return values }
        repeat {
            guard values.count < 64 else { throw problem("has an array of more than 64 numbers") }
            values.append(try number())
        } while accept(",")
        try expect("]")
        return values
    }

    private mutating func number() throws -> Int {
        skipSpace()
        var value = 0
        let start = position
        while position < bytes.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw problem("has a number over 2^63") }
            value = sum
            position += 1
        }
        guard position > start else { throw problem("needs a whole number") }
        guard position - start == 1 || bytes[start] != UInt8(ascii: "0") else { throw problem("has a number with a leading zero") }
        return value
    }

    private mutating func string() throws -> String {
        try expect("\"")
        var text: [UInt8] = []
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else { throw problem("is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw problem("has a control character in a string")
            default: text.append(byte)
            }
        }
        throw problem("ends inside a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        guard position < bytes.endIndex else { throw problem("ends inside a string") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var unit = try hexadecimal()
            if (0xD800..<0xDC00).contains(unit), position + 1 < bytes.endIndex,
                bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
            {
                position += 2
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw problem("has a broken surrogate pair") }
                unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(unit) else { throw problem("has a broken surrogate pair") }
            text += Array(String(Character(scalar)).utf8)
        default: throw problem("has an unknown escape")
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.endIndex, let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw problem("has a broken \\u escape")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.endIndex, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws {
        guard accept(character) else { throw problem("needs '\(character)'") }
    }

    private func problem(_ what: String) -> SafetensorsError {
        SafetensorsError("the header \(what) (byte \(8 + position - bytes.startIndex)); not a safetensors file")
    }
}
