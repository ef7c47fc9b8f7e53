extension Catalog {
    /// Reads a catalog from CSV with a header: `item_id` is required, `title` and `categories` (separated by `|`) are optional,
    /// other columns are ignored, and so are spaces at the ends of fields that are not quoted. Comma, semicolon and tab are recognised as separators.
    /// - Parameter fileName: what errors call the file.
    /// - Throws: ``ImportError`` with line and column.
    public init(csv bytes: [UInt8], fileName: String) throws {
        try TextEncoding.check(bytes, fileName: fileName)
        let separator = Self.separator(inHeaderOf: bytes)
        var tokenizer = RecordTokenizer(separator: .byte(separator), quoting: true)
        var rows = CatalogRows(fileName: fileName)
        try bytes.withUnsafeBufferPointer { try tokenizer.consume($0) { try rows.take(&$0) } }
        try tokenizer.finish { try rows.take(&$0) }
        guard rows.hasHeader else {
            throw ImportError(.missingColumn, at: .init(fileName: fileName, line: 1), "expected a header with a column item_id, found an empty file")
        }
        self.init(checked: rows.items, table: rows.table)
    }

    /// The one encoding of this list: UTF-8 CSV, header `item_id,title,categories`, categories joined by `|`, LF line ends,
    /// a field quoted exactly if it holds a comma, a quote, CR or LF, or begins or ends with a space or tab.
    public func encoded() -> [UInt8] {
        var bytes = Array("item_id,title,categories\n".utf8)
        for item in items {
            bytes.append(contentsOf: DelimitedText.field(item.id))
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: DelimitedText.field(item.title ?? ""))
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: DelimitedText.field(item.categories.joined(separator: "|")))
            bytes.append(0x0A)
        }
        return bytes
    }

    /// The separator that occurs most often in the first line.
    private static func separator(inHeaderOf bytes: [UInt8]) -> UInt8 {
        let header = bytes.prefix { $0 != 0x0A }
        let count = { (separator: UInt8) in header.count { $0 == separator } }
        return [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].max { count($0) < count($1) } ?? UInt8(ascii: ",")
    }
}

/// Collects the rows of a catalog file.
private struct CatalogRows {
    let fileName: String
    var items: [CatalogItem] = []
    var table = IdentifierTable()
    var hasHeader: Bool { columns != nil }
    private var columns: (id: Int, title: Int?, categories: Int?, count: Int)?

    init(fileName: String) { self.fileName = fileName }

    mutating func take(_ record: inout TextRecord) throws {
        if let problem = record.problem {
            throw ImportError(.malformed, at: .init(fileName: fileName, line: problem.line, column: problem.column), problem.message)
        }
        guard let columns else { return try takeHeader(record) }
        let start = ImportError.Place(fileName: fileName, line: record.line, column: 1)
        guard record.fields.count == columns.count else {
            throw ImportError(.malformed, at: start, "expected \(columns.count) fields as in the header, found \(record.fields.count)")
        }
        let categories = try columns.categories.map { try text(record, $0).split(separator: "|").map(String.init) } ?? []
        let item = CatalogItem(
            id: try text(record, columns.id), title: try columns.title.map { try text(record, $0) }, categories: categories)
        try Catalog.check(item, isNew: Int(table.intern(item.id)) == items.count, at: place(record, columns.id))
        items.append(Catalog.normalized(item))
    }

    private mutating func takeHeader(_ record: TextRecord) throws {
        let names = try record.fields.indices.map { try text(record, $0) }
        guard let id = names.firstIndex(of: "item_id") else {
            throw ImportError(
                .missingColumn, at: .init(fileName: fileName, line: record.line, column: 1),
                "expected a header with the column item_id (and, if you have them, title and categories), found \(names.joined(separator: ", "))")
        }
        columns = (id, names.firstIndex(of: "title"), names.firstIndex(of: "categories"), names.count)
    }

    private func text(_ record: TextRecord, _ field: Int) throws -> String {
        guard let text = record.text(field) else { throw ImportError(.malformed, at: place(record, field), TextEncoding.expectation) }
        return text
    }

    private func place(_ record: TextRecord, _ field: Int) -> ImportError.Place {
        .init(fileName: fileName, line: record.fields[field].line, column: record.fields[field].column)
    }
}
