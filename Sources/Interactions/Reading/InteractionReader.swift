/// Turns the bytes of a file into events, a chunk at a time: bytes in, table and report out, no input or output of its own.
public struct InteractionReader: Sendable {
    public let format: InteractionFormat
    public let fileName: String
    public let options: ImportOptions
    /// What was taken in so far.
    public private(set) var table = InteractionTable()
    public private(set) var report = ImportReport()

    private var tokenizer: RecordTokenizer
    private var columns: RowColumns?

    public init(format: InteractionFormat, fileName: String, options: ImportOptions = ImportOptions()) {
        self.format = format
        self.fileName = fileName
        self.options = options
        report.missedConditions = options.conditions.map { .init(condition: $0, count: 0) }
        switch format {
        case .movieLens: tokenizer = RecordTokenizer(separator: .byte(0x09), quoting: false)
        case .movieLensDoubleColon: tokenizer = RecordTokenizer(separator: .doubleColon, quoting: false)
        case .delimited(let separator, _): tokenizer = RecordTokenizer(separator: .byte(separator), quoting: true)
        case .jsonLines: tokenizer = RecordTokenizer(separator: .none, quoting: false)
        case .pairs, .userLines: tokenizer = RecordTokenizer(separator: .whitespace, quoting: false)
        }
    }

    /// Takes the next bytes of the file.
    /// - Throws: ``ImportError`` at the first malformed row that is not tolerated.
    public mutating func consume(_ chunk: UnsafeBufferPointer<UInt8>) throws {
        // The tokenizer is taken out so that its callback may change the rest of the reader.
        var tokenizer = self.tokenizer
        defer { self.tokenizer = tokenizer }
        try tokenizer.consume(chunk) { try take(&$0) }
    }

    /// As ``consume(_:)-(UnsafeBufferPointer<UInt8>)``.
    public mutating func consume(_ chunk: [UInt8]) throws { try chunk.withUnsafeBufferPointer { try consume($0) } }

    /// Takes the file's end.
    /// - Throws: ``ImportError`` when the last row is malformed, or the file lacks its header.
    public mutating func finish() throws {
        var tokenizer = self.tokenizer
        try tokenizer.finish { try take(&$0) }
        self.tokenizer = tokenizer
        if case .delimited = format, columns == nil {
            throw ImportError(.missingColumn, at: .init(fileName: fileName, line: 1), "expected a header, found an empty file")
        }
    }

    private mutating func take(_ record: inout TextRecord) throws {
        if case .delimited(_, let mapping) = format, columns == nil { return try takeHeader(record, mapping) }
        report.rowCount += 1
        if let problem = record.problem { return try reject(problem.line, problem.column, problem.message) }
        switch format {
        case .movieLens, .movieLensDoubleColon: try takeRow(record, positional(record))
        case .delimited:
            guard let columns else { preconditionFailure("the header is taken before any row") }
            try takeRow(record, columns)
        case .jsonLines(let mapping): try takeJSON(record, mapping)
        case .pairs: try takeRow(record, RowColumns(user: 0, item: 1, fieldCount: 2, expectation: "a user and an item"))
        case .userLines: try takeUserLine(record)
        }
    }

    private mutating func takeHeader(_ record: TextRecord, _ mapping: ColumnMapping) throws {
        if let problem = record.problem {
            throw ImportError(.malformed, at: .init(fileName: fileName, line: problem.line, column: problem.column), problem.message)
        }
        let header = record.fields.indices.map { record.text($0) ?? "" }
        columns = try RowColumns(mapping, conditions: options.conditions, header: header, at: .init(fileName: fileName, line: record.line, column: 1))
    }

    /// MovieLens files have two to four columns; the first row says how many.
    private mutating func positional(_ record: TextRecord) -> RowColumns {
        if let columns { return columns }
        let count = min(max(record.fields.count, 2), 4)
        let names = ["user", "item", "rating", "Unix time"].prefix(count).joined(separator: ", ")
        let found = RowColumns(
            user: 0, item: 1, time: count > 3 ? 3 : nil, rating: count > 2 ? 2 : nil, fieldCount: count, expectation: "\(count) fields (\(names))")
        columns = found
        return found
    }

    private mutating func takeJSON(_ record: TextRecord, _ mapping: ColumnMapping) throws {
        var scanner = JSONLineScanner(record.bytes[...])
        let members: [JSONLineScanner.Member]
        do { members = try scanner.object() } catch { return try reject(record.line, error.position + 1, error.message) }
        let keys = RowColumns.keys(mapping, conditions: options.conditions)
        var row = TextRecord()
        row.line = record.line
        for key in keys {
            let member = members.last { $0.key == key }
            let start = row.bytes.count
            row.bytes.append(contentsOf: member?.value ?? [])
            row.fields.append(.init(start: start, end: row.bytes.count, line: record.line, column: (member?.position ?? 0) + 1))
        }
        try takeRow(row, RowColumns(mapping, conditions: options.conditions, keys: keys))
    }

    private mutating func takeUserLine(_ record: TextRecord) throws {
        guard record.fields.count >= 2 else { return try reject(record.line, 1, "expected a user and at least one item") }
        for index in record.fields.indices where !record.isUTF8(index) {
            return try reject(record.fields[index].line, record.fields[index].column, TextEncoding.expectation)
        }
        let user = record.withField(0) { table.users.intern($0) }
        for index in 1..<record.fields.count {
            let item = record.withField(index) { table.items.intern($0) }
            table.append(user: user, item: item, time: InteractionTable.missingTime, rating: .nan, silo: -1)
            report.eventCount += 1
        }
    }

    /// Takes a row that is one event, or leaves it out for a counted reason.
    private mutating func takeRow(_ record: TextRecord, _ columns: RowColumns) throws {
        guard record.fields.count == columns.fieldCount else {
            return try reject(record.line, 1, "expected \(columns.expectation), found \(record.fields.count)")
        }
        func place(_ index: Int) -> (Int, Int) { (record.fields[index].line, record.fields[index].column) }

        if columns.isMissing(record, columns.user) {
            guard options.missingUser == .malformed else {
                report.missingUserCount += 1
                return
            }
            let (line, column) = place(columns.user)
            return try reject(line, column, "expected a user, found nothing; rows without one can be dropped on request")
        }
        for (number, index) in columns.conditions.enumerated() {
            switch record.withField(index, { options.conditions[number].holds(for: $0) }) {
            case true?: continue
            case false?:
                report.missedConditions[number].count += 1
                return
            case nil:
                let (line, column) = place(index)
                return try reject(line, column, "expected a number to compare in \"\(options.conditions[number])\", found \(record.quoted(index))")
            }
        }
        var time = InteractionTable.missingTime
        if let index = columns.time, !columns.isMissing(record, index) {
            guard let value = record.withField(index, { columns.timeFormat.milliseconds($0) }) else {
                let (line, column) = place(index)
                return try reject(line, column, "expected \(columns.timeFormat.expectation), found \(record.quoted(index))")
            }
            time = value
        }
        var rating = Float.nan
        if let index = columns.rating, !columns.isMissing(record, index) {
            guard let value = record.withField(index, { NumberText.decimal($0) }).map({ Float($0) }), value.isFinite else {
                let (line, column) = place(index)
                return try reject(line, column, "expected a rating, a decimal number, found \(record.quoted(index))")
            }
            rating = value
        }
        let item = columns.item
        guard record.fields[item].start < record.fields[item].end else {
            let (line, column) = place(item)
            return try reject(line, column, "expected an item, found nothing")
        }
        for index in [columns.user, item, columns.silo].compactMap({ $0 }) where !record.isUTF8(index) {
            let (line, column) = place(index)
            return try reject(line, column, TextEncoding.expectation)
        }
        // Only a row that is wholly good may bring new ids into the tables.
        let silo = columns.silo.map { index in columns.isMissing(record, index) ? -1 : record.withField(index) { table.silos.intern($0) } } ?? -1
        table.append(
            user: record.withField(columns.user) { table.users.intern($0) }, item: record.withField(item) { table.items.intern($0) },
            time: time, rating: rating, silo: silo)
        report.eventCount += 1
    }

    private mutating func reject(_ line: Int, _ column: Int, _ message: String) throws {
        let error = ImportError(.malformed, at: .init(fileName: fileName, line: line, column: column), message)
        guard report.malformedCount < options.malformedAllowed else {
            guard options.malformedAllowed > 0 else { throw error }
            throw ImportError(.malformed, at: error.place, message + " (and \(options.malformedAllowed) malformed rows, all that is tolerated, were left out before)")
        }
        report.malformedCount += 1
        if report.malformedExamples.count < 10 { report.malformedExamples.append(error) }
    }
}
