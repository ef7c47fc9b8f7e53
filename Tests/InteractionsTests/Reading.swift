import Interactions

/// Reads a text in a format, in chunks of the given size.
func read(
    _ text: String, as name: InteractionFormat.Name = .auto, columns: ColumnChoice = ColumnChoice(), options: ImportOptions = ImportOptions(),
    chunk: Int = .max
) throws -> InteractionReader { try read(Array(text.utf8), as: name, columns: columns, options: options, chunk: chunk) }

func read(
    _ bytes: [UInt8], as name: InteractionFormat.Name = .auto, columns: ColumnChoice = ColumnChoice(), options: ImportOptions = ImportOptions(),
    chunk: Int = .max
) throws -> InteractionReader {
    let format = try InteractionFormat.resolve(name, columns: columns, start: bytes, fileName: "events")
    var reader = InteractionReader(format: format, fileName: "events", options: options)
    var rest = bytes[...]
    while !rest.isEmpty {
        try reader.consume(Array(rest.prefix(chunk)))
        rest = rest.dropFirst(chunk)
    }
    try reader.finish()
    return reader
}

extension InteractionTable {
    /// All events, spelled out.
    var events: [Interaction] { (0..<count).map { self[$0] } }
}
