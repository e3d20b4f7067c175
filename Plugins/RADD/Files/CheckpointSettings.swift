import Genera

/// What a model's `config.json`, or the `config.yaml` of its training, says: values under keys with dots, such as `model.n_heads`.
struct CheckpointSettings: Sendable {
    /// The file, for messages; empty for none.
    let file: String
    private var values: [String: String] = [:]

    /// No settings.
    init() { file = "" }

    /// The values of a JSON object, those of objects inside it with their names before.
    ///
    /// - Throws: `GeneraError.badData` for what is no object.
    init(json: JSONValue, file: String) throws {
        self.file = file
        guard case .object(let members) = json else {
            throw GeneraError.badData(file: file, reason: "a configuration is an object of names and values")
        }
        take(members, "")
    }

    private mutating func take(_ members: [JSONValue.Member], _ prefix: String) {
        for member in members {
            let key = prefix + member.key
            switch member.value {
            case .object(let inner): take(inner, "\(key).")
            case .string(let text): values[key] = text
            case .integer(let number): values[key] = "\(number)"
            case .number(let number): values[key] = "\(number)"
            case .bool(let isTrue): values[key] = "\(isTrue)"
            case .array, .null: break
            }
        }
    }

    /// The values of YAML with one level of sections.
    init(yaml: YAMLOptions) {
        file = yaml.file
        for entry in yaml.entries {
            if case .scalar(let text) = entry.value { values[entry.key] = text }
        }
    }

    /// Reads `config.json`.
    static func json(path: String) throws -> CheckpointSettings { try json(MappedFile(path: path).view, file: path) }

    static func json(_ view: ByteView, file: String) throws -> CheckpointSettings {
        guard view.count <= 1 << 24 else {
            throw GeneraError.badData(file: file, reason: "\(view.count) bytes are too many for a configuration")
        }
        return try CheckpointSettings(json: JSONText.parse(view, file: file, depth: 16), file: file)
    }

    /// The first of some keys that is there.
    func text(_ keys: String...) -> String? { keys.lazy.compactMap { values[$0] }.first }

    /// A whole number under the first of some keys that is there.
    ///
    /// - Throws: `GeneraError.badData` for a value that is none.
    func whole(_ keys: String...) throws -> Int? { try value(keys, "a whole number") { Int($0) } }

    /// A number.
    func number(_ keys: String...) throws -> Double? { try value(keys, "a number") { Double($0) } }

    /// A truth value.
    func truth(_ keys: String...) throws -> Bool? { try value(keys, "true or false") { Bool($0.lowercased()) } }

    private func value<Value>(_ keys: [String], _ what: String, _ read: (String) -> Value?) throws -> Value? {
        guard let key = keys.first(where: { values[$0] != nil }), let text = values[key] else { return nil }
        guard let value = read(text) else {
            let shown = text.count > 40 ? "\(text.prefix(40))..." : text
            throw GeneraError.badData(file: file, reason: "'\(key)' must be \(what), it is '\(shown)'")
        }
        return value
    }
}

extension CheckpointSettings {
    /// Whether they are of a model of text by absorbing diffusion, so that other models' folders are left to others.
    var areOfAbsorbingText: Bool {
        let isMDLM = text("model_type") == "mdlm"
        return isMDLM || text("tokens") != nil && text("model.hidden_size") != nil && text("noise.type") != nil
            || text("backbone") == "dit" && text("parameterization") != nil
    }

    /// The noise of training: `loglinear` where they do not say.
    ///
    /// - Throws: `GeneraError.badData` for a noise that is none of the known ones.
    func noise() throws -> MaskingNoise {
        guard let word = text("noise.type") else { return MaskingNoise() }
        guard let kind = MaskingNoise.Kind(rawValue: word) else {
            let known = MaskingNoise.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw GeneraError.badData(
                file: file, reason: "'noise.type' is '\(word)', no noise that is known", advice: "known are \(known).")
        }
        return MaskingNoise(
            kind, low: try number("noise.sigma_min") ?? 1e-4, high: try number("noise.sigma_max") ?? 20)
    }
}
