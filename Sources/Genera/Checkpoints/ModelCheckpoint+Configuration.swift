#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ModelCheckpoint {
    /// The JSON of a configuration, with sorted keys: the same text, and so the same bytes of checkpoints, in every process. Swift's
    /// own encoder gives another order in each.
    ///
    ///     let configuration = try ModelCheckpoint.configuration(of: VelocityConfiguration(width: 128))
    ///
    /// - Throws: `GeneraError.software` for a value that JSON cannot hold, such as a number that is not finite.
    public static func configuration(of value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw GeneraError.software("A configuration cannot be written as JSON: \(error)")
        }
    }

    /// Reads a configuration as `configuration(of:)` writes it, or as another program did.
    ///
    /// - Parameters:
    ///   - file: where it stands, for messages.
    ///   - family: whose it should be, for messages.
    ///   - advice: what to do where it is none.
    /// - Throws: `GeneraError.badData` that names the key that is missing or of another type.
    public static func configuration<Value: Decodable>(
        _ type: Value.Type, of json: String, file: String, family: String, advice: String
    ) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(json.utf8))
        } catch let error as DecodingError {
            throw GeneraError.badData(
                file: file, reason: "its configuration is not one of \(family): \(error.sentence)", advice: advice)
        }
    }
}

extension DecodingError {
    /// What is wrong, for people.
    fileprivate var sentence: String {
        func place(_ context: Context, _ key: (any CodingKey)? = nil) -> String {
            let path = (context.codingPath + [key].compactMap { $0 }).map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? "its top" : "'\(path)'"
        }
        switch self {
        case let .keyNotFound(key, context): return "\(place(context, key)) is missing"
        case let .typeMismatch(_, context), let .valueNotFound(_, context):
            return "\(place(context)) has another type than it should"
        case let .dataCorrupted(context): return "\(place(context)) \(context.debugDescription)"
        @unknown default: return "\(self)"
        }
    }
}
