/// One record of a text file: its fields' bytes and where they stood.
struct TextRecord {
    struct Field {
        var start: Int
        var end: Int
        /// Line of the file, from 1; a quoted field may begin on a later line than its record.
        var line: Int
        /// Byte in that line, from 1.
        var column: Int
    }

    /// The fields' bytes one after the other, quotes removed.
    var bytes: [UInt8] = []
    var fields: [Field] = []
    /// Line on which the record begins, from 1.
    var line = 1
    /// What makes the record unreadable, if anything.
    var problem: (line: Int, column: Int, message: String)?

    /// Calls the body with a field's bytes.
    func withField<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        let field = fields[index]
        return try bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[field.start..<field.end])) }
    }

    /// The field as text, or nil when it is not UTF-8.
    func text(_ index: Int) -> String? { withField(index) { String(validating: $0, as: UTF8.self) } }

    func isUTF8(_ index: Int) -> Bool { withField(index) { $0.allSatisfy { $0 < 0x80 } || String(validating: $0, as: UTF8.self) != nil } }

    /// The field as an error shows it: in quotes, shortened.
    func quoted(_ index: Int) -> String {
        let text = withField(index) { String(decoding: $0.prefix(80), as: UTF8.self) }
        return "\"" + String(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }) + "\""
    }

    fileprivate mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        problem = nil
    }
}

/// Cuts a stream of bytes into records and fields, a chunk at a time and in memory bounded by the longest record.
///
/// Quoting follows RFC 4180: a field in double quotes may hold separators, line ends and doubled quotes. Lines end in LF or
/// CRLF; empty lines are skipped; a UTF-8 byte order mark at the start is ignored. Where fields can be quoted, spaces and tabs at
/// the ends of a field that is not do not belong to it: exports pad texts, and "LAMP " is the same item as "LAMP".
struct RecordTokenizer {
    enum Separator: Sendable, Hashable {
        case byte(UInt8)
        /// `::`
        case doubleColon
        /// Any run of spaces and tabs; those at the ends of the line do not count.
        case whitespace
        /// The line is one field.
        case none
    }

    /// Longer records are not data but a missing line end or an open quote.
    static let maximumRecordBytes = 16 << 20

    private enum State { case fieldStart, unquoted, quoted, quoteInQuoted, skipping }

    private let separator: Separator
    private let quoting: Bool
    private var state = State.fieldStart
    private var record = TextRecord()
    private var fieldStart = 0
    private var fieldPlace = (line: 1, column: 1)
    private var line = 1
    private var column = 0
    private var recordLine = 1
    private var isAtStart = true
    private var heldMarkBytes = 0

    init(separator: Separator, quoting: Bool) {
        self.separator = separator
        self.quoting = quoting
    }

    /// Takes the next bytes and hands every record that ends in them to `emit`.
    mutating func consume(_ chunk: UnsafeBufferPointer<UInt8>, _ emit: (inout TextRecord) throws -> Void) rethrows {
        for byte in chunk {
            if isAtStart {
                // A byte order mark is held back until it is known to be one.
                if byte == Self.byteOrderMark[heldMarkBytes] {
                    heldMarkBytes += 1
                    if heldMarkBytes == Self.byteOrderMark.count { isAtStart = false }
                    continue
                }
                try releaseMark(emit)
            }
            try take(byte, emit)
        }
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private mutating func releaseMark(_ emit: (inout TextRecord) throws -> Void) rethrows {
        guard isAtStart else { return }
        isAtStart = false
        for byte in Self.byteOrderMark.prefix(heldMarkBytes) { try take(byte, emit) }
    }

    private mutating func take(_ byte: UInt8, _ emit: (inout TextRecord) throws -> Void) rethrows {
        column += 1
        guard byte == 0x0A else { return accept(byte) }
        if state == .quoted { accept(byte) } else { try endRecord(emit) }
        line += 1
        column = 0
        if state != .quoted { recordLine = line }
    }

    /// Ends the last record if the file does not end in a line end.
    mutating func finish(_ emit: (inout TextRecord) throws -> Void) rethrows {
        try releaseMark(emit)
        if state == .quoted {
            record.problem = (fieldPlace.line, fieldPlace.column, "expected a closing quote for the field that begins here, found the end of the file")
        }
        try endRecord(emit)
    }

    private mutating func accept(_ byte: UInt8) {
        switch state {
        case .fieldStart:
            fieldPlace = (line, column)
            if isSeparator(byte) {
                endEmptyField()
            } else if quoting, byte == UInt8(ascii: "\"") {
                state = .quoted
            } else {
                state = .unquoted
                append(byte)
            }
        case .unquoted:
            if isSeparator(byte) {
                if case .doubleColon = separator {
                    guard record.bytes.count > fieldStart, record.bytes[record.bytes.count - 1] == byte else { return append(byte) }
                    record.bytes.removeLast()
                }
                endField()
            } else {
                append(byte)
            }
        case .quoted:
            if byte == UInt8(ascii: "\"") { state = .quoteInQuoted } else { append(byte) }
        case .quoteInQuoted:
            if byte == UInt8(ascii: "\"") {
                append(byte)
                state = .quoted
            } else if isSeparator(byte) {
                endField(isQuoted: true)
            } else if byte != 0x0D {
                fail("expected a separator or the end of the line after the closing quote")
            }
        case .skipping:
            break
        }
    }

    private mutating func append(_ byte: UInt8) {
        guard record.bytes.count < Self.maximumRecordBytes else { return fail("expected a line of at most \(Self.maximumRecordBytes) bytes") }
        record.bytes.append(byte)
    }

    private mutating func fail(_ message: String) {
        record.problem = (line, column, message)
        state = .skipping
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        switch separator {
        case .byte(let separator): byte == separator
        case .doubleColon: byte == UInt8(ascii: ":")
        case .whitespace: byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        case .none: false
        }
    }

    /// At the start of a field a separator ends an empty field, except where runs of separators count as one, and except
    /// that the first of two colons is data until the second is seen.
    private mutating func endEmptyField() {
        switch separator {
        case .whitespace, .none: break
        case .doubleColon:
            state = .unquoted
            append(UInt8(ascii: ":"))
        case .byte: endField()
        }
    }

    private mutating func endField(isQuoted: Bool = false) {
        var start = fieldStart
        var end = record.bytes.count
        if quoting, !isQuoted {
            while start < end, Self.isSpace(record.bytes[start]) { start += 1 }
            while start < end, Self.isSpace(record.bytes[end - 1]) { end -= 1 }
        }
        record.fields.append(TextRecord.Field(start: start, end: end, line: fieldPlace.line, column: fieldPlace.column))
        fieldStart = record.bytes.count
        state = .fieldStart
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private mutating func endRecord(_ emit: (inout TextRecord) throws -> Void) rethrows {
        switch state {
        case .unquoted:
            if record.bytes.count > fieldStart, record.bytes[record.bytes.count - 1] == 0x0D { record.bytes.removeLast() }
            if record.bytes.count > fieldStart || (!record.fields.isEmpty && separator != .whitespace) { endField() }
        case .quoteInQuoted: endField(isQuoted: true)
        case .fieldStart:
            if !record.fields.isEmpty, separator != .whitespace {
                fieldPlace = (line, column)
                endField()
            }
        case .quoted, .skipping: break
        }
        if !record.fields.isEmpty || record.problem != nil {
            record.line = recordLine
            try emit(&record)
        }
        record.clear()
        fieldStart = 0
        state = .fieldStart
    }
}
