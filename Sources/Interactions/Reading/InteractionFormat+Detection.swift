extension InteractionFormat {
    /// Bytes of the beginning of a file that ``resolve(_:columns:start:fileName:)`` wants to see, if the file has as many.
    public static let detectionBytes = 64 << 10

    /// The format of a file from its name or, with `.auto`, from its first lines.
    /// - Parameters:
    ///   - start: the first ``detectionBytes`` bytes, or the whole file if it is shorter.
    ///   - columns: columns chosen by name; those not chosen are looked for under their usual names.
    /// - Throws: ``ImportError`` when the format cannot be told, a chosen column does not exist, or the bytes are not text.
    public static func resolve(
        _ name: Name = .auto, columns: ColumnChoice = ColumnChoice(), start: [UInt8], fileName: String
    ) throws -> InteractionFormat {
        try TextEncoding.check(start, fileName: fileName)
        let lines = firstLines(of: start)
        switch name {
        case .auto: return try detect(lines, columns: columns, fileName: fileName)
        case .movielens: return .movieLens
        case .movielensDat: return .movieLensDoubleColon
        case .pairs: return .pairs
        case .userLines: return .userLines
        case .tsv: return try delimited(0x09, lines, columns, fileName)
        case .csv: return try delimited(mostFrequentSeparator(in: lines.first ?? []), lines, columns, fileName)
        case .jsonl: return .jsonLines(columns: try mapping(columns, header: jsonKeys(of: lines), fileName: fileName))
        }
    }

    private static func detect(_ lines: [[UInt8]], columns: ColumnChoice, fileName: String) throws -> InteractionFormat {
        guard let first = lines.first else {
            throw ImportError(.unsupported, at: .init(fileName: fileName), "the file is empty; expected a line for each event")
        }
        if first.first(where: { $0 != 0x20 && $0 != 0x09 }) == UInt8(ascii: "{") {
            return .jsonLines(columns: try mapping(columns, header: jsonKeys(of: lines), fileName: fileName))
        }
        if lines.allSatisfy({ contains($0, "::") }) { return .movieLensDoubleColon }
        let separator = mostFrequentSeparator(in: first)
        let header = fields(of: first, separator: separator)
        // One recognised or chosen column is enough to call the first line a header; what it lacks is then said by name.
        let isChosen = columns.user != nil || columns.item != nil
        if header.count > 1, isChosen || find(userNames, in: header) != nil || find(itemNames, in: header) != nil {
            return try delimited(separator, lines, columns, fileName)
        }
        let tabbed = lines.map { line in line.count { $0 == 0x09 } }
        if tabbed.allSatisfy({ $0 == tabbed[0] && (2...3).contains($0) }), lines.allSatisfy({ isNumeric(lastField(of: $0)) }) { return .movieLens }
        let words = lines.map { $0.split { $0 == 0x20 || $0 == 0x09 }.count }
        if !first.contains(separator) || separator == 0x09 {
            if words.allSatisfy({ $0 == 2 }) { return .pairs }
            if words.allSatisfy({ $0 >= 2 }) { return .userLines }
        }
        throw ImportError(
            .unsupported, at: .init(fileName: fileName, line: 1),
            "the format was not recognised; name it (\(Name.allCases.dropFirst().map(\.rawValue).joined(separator: ", "))), "
                + "and for a file with a header the columns of user and item")
    }

    /// Up to 20 lines that are not empty, without their ends; an unfinished last line is left out unless it is the only one.
    private static func firstLines(of start: [UInt8]) -> [[UInt8]] {
        var text = start[...]
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        var lines = text.split(separator: 0x0A, maxSplits: 40, omittingEmptySubsequences: true).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
        if lines.count > 1, start.last != 0x0A || lines.count > 40 { lines.removeLast() }
        return Array(lines.filter { !$0.isEmpty }.prefix(20))
    }

    private static func contains(_ line: [UInt8], _ text: StaticString) -> Bool {
        zip(line, line.dropFirst()).contains { $0 == UInt8(ascii: ":") && $1 == UInt8(ascii: ":") }
    }

    private static func lastField(of line: [UInt8]) -> ArraySlice<UInt8> { line.split(separator: 0x09, omittingEmptySubsequences: false).last ?? [] }

    private static func isNumeric(_ field: ArraySlice<UInt8>) -> Bool { !field.isEmpty && Double(String(decoding: field, as: UTF8.self)) != nil }

    private static func mostFrequentSeparator(in line: [UInt8]) -> UInt8 {
        let count = { (separator: UInt8) in line.count { $0 == separator } }
        // On a tie the earlier wins: a comma is the usual one.
        return [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09].reduce(UInt8(ascii: ",")) { count($1) > count($0) ? $1 : $0 }
    }

    private static func fields(of line: [UInt8], separator: UInt8) -> [String] {
        var tokenizer = RecordTokenizer(separator: .byte(separator), quoting: true)
        var names: [String] = []
        let collect: (inout TextRecord) -> Void = { record in names = record.fields.indices.map { record.text($0) ?? "" } }
        line.withUnsafeBufferPointer { tokenizer.consume($0, collect) }
        tokenizer.finish(collect)
        return names
    }

    private static func delimited(
        _ separator: UInt8, _ lines: [[UInt8]], _ columns: ColumnChoice, _ fileName: String
    ) throws -> InteractionFormat {
        .delimited(separator: separator, columns: try mapping(columns, header: fields(of: lines.first ?? [], separator: separator), fileName: fileName))
    }

    private static func jsonKeys(of lines: [[UInt8]]) -> [String] {
        var keys: [String] = []
        for line in lines {
            var scanner = JSONLineScanner(line[...])
            guard let members = try? scanner.object() else { continue }
            for member in members where !keys.contains(member.key) { keys.append(member.key) }
        }
        return keys
    }
}

extension InteractionFormat {
    // Usual names, compared in lower case without spaces, underscores and hyphens.
    private static let userNames = ["user", "userid", "uid", "customer", "customerid", "visitorid", "reviewerid", "sessionid", "session", "person", "member", "memberid"]
    private static let itemNames = ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "book", "bookid", "artist", "artistid", "article", "articleid", "sku", "track", "trackid"]
    private static let timeNames = ["time", "timestamp", "ts", "datetime", "date", "eventdate", "eventtime", "invoicedate", "createdat", "unixreviewtime"]
    private static let ratingNames = ["rating", "ratings", "score", "stars", "overall"]

    private static func simplified(_ name: String) -> String { name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " } }

    private static func find(_ usual: [String], in header: [String]) -> String? {
        for name in usual {
            if let match = header.first(where: { simplified($0) == name }) { return match }
        }
        return nil
    }

    private static func mapping(_ choice: ColumnChoice, header: [String], fileName: String) throws -> ColumnMapping {
        let place = ImportError.Place(fileName: fileName, line: 1)
        let listed = header.isEmpty ? "nothing" : header.joined(separator: ", ")
        for name in [choice.user, choice.item, choice.time, choice.rating, choice.silo].compactMap({ $0 }) where !header.contains(name) {
            throw ImportError(.missingColumn, at: place, "expected a column named \"\(name)\", found \(listed)")
        }
        guard let user = choice.user ?? find(userNames, in: header) else {
            throw ImportError(.missingColumn, at: place, "which column holds the user is not clear from the header (\(listed)); name it")
        }
        guard let item = choice.item ?? find(itemNames, in: header) else {
            throw ImportError(.missingColumn, at: place, "which column holds the item is not clear from the header (\(listed)); name it")
        }
        return ColumnMapping(
            user: user, item: item, time: choice.time ?? find(timeNames, in: header), rating: choice.rating ?? find(ratingNames, in: header),
            silo: choice.silo, timeFormat: choice.timeFormat)
    }
}
