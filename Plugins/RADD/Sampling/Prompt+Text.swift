import Genera

extension Prompt {
    /// A text in which `[MASK]` stands for a token that is to be drawn, and `[MASK:n]` for n of them.
    ///
    /// - Throws: `GeneraError.usage` for letters that the tokenizer does not know, and for a number of masks that is none.
    package init(_ text: String, _ tokenizer: any Tokenizer) throws {
        var tokens: [Int32?] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "[MASK") {
            let behind = rest[open.upperBound...]
            guard let close = behind.firstIndex(of: "]") else { break }
            let inside = behind[..<close]
            let count = inside.isEmpty ? 1 : inside.first == ":" ? Int(inside.dropFirst()) ?? -1 : -1
            guard (1...10_000_000).contains(count) else {
                throw GeneraError.usage(
                    "'[MASK\(inside)]' is no mask: write [MASK], or [MASK:12] for twelve tokens, 10,000,000 at most.")
            }
            if !rest[..<open.lowerBound].isEmpty {
                tokens += try tokenizer.encode(String(rest[..<open.lowerBound])).map(Optional.some)
            }
            tokens += Array(repeating: nil, count: count)
            rest = rest[behind.index(after: close)...]
        }
        if !rest.isEmpty { tokens += try tokenizer.encode(String(rest)).map(Optional.some) }
        guard !tokens.isEmpty else { throw GeneraError.usage("A prompt of no token and no mask has no text.") }
        self.init(tokens)
    }

    /// A beginning and an end with masks between them.
    ///
    /// - Throws: `GeneraError.usage` where both are longer than the text, saying by how many tokens.
    init(prefix: String, suffix: String, length: Int, _ tokenizer: any Tokenizer) throws {
        let (first, last) = try (tokenizer.encode(prefix), tokenizer.encode(suffix))
        let over = first.count + last.count - length
        guard over <= 0 else {
            throw GeneraError.usage(
                "--prefix (\(first.count) tokens) and --suffix (\(last.count)) are longer than the text's \(length) by \(over): shorten them, or take a longer text (--length)."
            )
        }
        self.init(
            first.map(Optional.some) + Array(repeating: nil, count: -over) + last.map(Optional.some))
    }

    /// What a JSON file says is known: `positions` with `ids`, or a list of `{"position": p, "text": t}` under `texts`.
    ///
    /// - Throws: `GeneraError.badData` for places outside the text or given twice, and for ids that are no tokens.
    init(infill path: String, length: Int, _ tokenizer: any Tokenizer) throws {
        let value = try JSONText.parse(MappedFile(path: path).view, file: path)
        func fault(_ reason: String) -> GeneraError {
            .badData(
                file: path, reason: reason,
                advice:
                    "{\"positions\": [0, 1], \"ids\": [15496, 995]} or {\"texts\": [{\"position\": 0, \"text\": \"Hello\"}]} was expected."
            )
        }
        var tokens = [Int32?](repeating: nil, count: length)
        func put(_ id: Int, at place: Int) throws {
            guard tokens.indices.contains(place) else {
                throw fault("the position \(place) lies outside the text of \(length) tokens")
            }
            guard (0..<tokenizer.vocabulary).contains(id) else {
                throw fault("\(id) is no token of '\(tokenizer.name)', which has 0 to \(tokenizer.vocabulary - 1)")
            }
            guard tokens[place] == nil else { throw fault("the position \(place) is given twice") }
            tokens[place] = Int32(id)
        }
        if let places = (value["positions"] ?? value["locations"])?.items {
            guard let ids = value["ids"]?.items, ids.count == places.count else {
                throw fault("there are \(places.count) positions and \(value["ids"]?.items?.count ?? 0) ids")
            }
            for (place, id) in zip(places, ids) {
                guard let place = place.integer, let id = id.integer else {
                    throw fault("positions and ids are whole numbers")
                }
                try put(id, at: place)
            }
        } else if let texts = value["texts"]?.items {
            for item in texts {
                guard let place = item["position"]?.integer, let text = item["text"]?.text else {
                    throw fault("an item of 'texts' has no 'position' or no 'text'")
                }
                let ids: [Int32]
                do { ids = try tokenizer.encode(text) } catch {
                    throw GeneraError.badData(file: path, reason: "the text at position \(place): \(error)")
                }
                for (number, id) in ids.enumerated() { try put(Int(id), at: place + number) }
            }
        } else {
            throw fault("it has no 'positions' and no 'texts'")
        }
        self.init(tokens)
    }
}

extension RADDSamplingOptions {
    /// What is known of the texts.
    func promptList(_ c: RADDConfiguration, _ tokenizer: any Tokenizer) throws -> [Prompt] {
        let length = length ?? c.model.length
        if let prompt { return [try Prompt(prompt, tokenizer)] }
        if let prompts {
            return try Self.lines(prompts).enumerated().map { number, text in
                do { return try Prompt(text, tokenizer) } catch {
                    throw GeneraError.badData(file: prompts, reason: "prompt \(number + 1): \(error)")
                }
            }
        }
        if let infill { return [try Prompt(infill: infill, length: length, tokenizer)] }
        return [try Prompt(prefix: prefix ?? "", suffix: suffix ?? "", length: length, tokenizer)]
    }

    /// The prompts of a file: a JSON list of texts, or a prompt a line.
    private static func lines(_ path: String) throws -> [String] {
        let view = try MappedFile(path: path).view
        let found: [String]
        if FileSystem.fileExtension(of: path) == "json" {
            guard let items = try JSONText.parse(view, file: path).items,
                case let texts = items.compactMap(\.text), texts.count == items.count
            else {
                throw GeneraError.badData(
                    file: path, reason: "it is no list of texts", advice: "[\"a [MASK:8] b\", \"...\"] was expected.")
            }
            found = texts
        } else {
            guard let text = String(validating: view.array(), as: UTF8.self) else {
                throw GeneraError.badData(file: path, reason: "it is no text in UTF-8")
            }
            found = text.split(whereSeparator: \.isNewline).map(String.init)
        }
        guard !found.isEmpty else { throw GeneraError.badData(file: path, reason: "it holds no prompt") }
        return found
    }
}
