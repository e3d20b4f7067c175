import Genera
import GeneraTesting
import RADD

/// Cases of text: tokenizers, detokenisers, packing, and scoring by GPT-2. `RADDGoldens` lists them by kind.
enum RADDTextGoldens {
    /// The cases of kind `json` that are about text; nil for others.
    static func json(_ name: String) -> GoldenRunner.Handler? {
        switch name {
        case "tokenizer": tokenizer
        case "text": text
        default: nil
        }
    }

    /// Tokens of texts, texts of tokens.
    static let tokenizer: GoldenRunner.Handler = { one, check in
        let file = try one.textDocument()
        let tokenizer = try BytePairTokenizer(path: "\(Golden.shared)/data/gpt2-bpe")
        for entry in file["encode"]?.items ?? [] {
            guard let text = entry["text"]?.text, let ids = entry["ids"]?.integers else { throw CaseFault("no text") }
            let tokens = tokenizer.encode(text)
            check.equal(JSONText.quote(text), tokens.map(Int.init), ids)
            check.equal("\(JSONText.quote(text)) again", Array(try tokenizer.decode(tokens).utf8), Array(text.utf8))
        }
        for entry in file["decode"]?.items ?? [] {
            guard let text = entry["text"]?.text, let ids = entry["ids"]?.integers, let hex = entry["bytes_hex"]?.text
            else { throw CaseFault("no tokens") }
            let tokens = ids.map { Int32($0) }
            check.equal("bytes of \(ids)", try tokens.flatMap(tokenizer.bytes).map(Self.hex).joined(), hex)
            check.equal("text of \(ids)", Array(try tokenizer.decode(tokens).utf8), Array(text.utf8))
            let pieces = TokenPieces.of(tokens, tokenizer, standIn: "?").joined()
            check.equal("pieces of \(ids)", Array(pieces.utf8), Array(text.utf8))
        }
    }

    private static func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

    /// What data sets' authors did undone, and documents cut into blocks.
    static let text: GoldenRunner.Handler = { one, check in
        let file = try one.textDocument()
        for kind in Detokeniser.allCases {
            for entry in file[kind.rawValue]?.items ?? [] {
                guard let input = entry["input"]?.text, let output = entry["output"]?.text else {
                    throw CaseFault("no input")
                }
                check.equal("\(kind.rawValue) \(JSONText.quote(input))", Array(kind(input).utf8), Array(output.utf8))
            }
        }
        guard let chunking = file["chunking"], let length = chunking["block_size"]?.integer,
            let documents = chunking["documents"]?.items?.compactMap(\.integers),
            let blocks = chunking["blocks"]?.items?.compactMap(\.integers)
        else { throw CaseFault("no chunking") }
        let corpus = TextCorpus(documents: documents.map { $0.map(Int32.init) }, vocabulary: 50257, name: "case")
        let cut = try corpus.blocks(length: length, of: .all)
        check.equal("blocks", (0..<cut.count).map { cut[$0].map(Int.init) }, blocks)
    }

    /// Logits, surprise and perplexities of a small GPT-2.
    static let gpt2: GoldenRunner.Handler = { one, check in
        let tensors = try CaseTensors(one)
        let weights = try one.file().tensors.filter { $0.name.hasPrefix("w.") }
        let gpt2 = try GPT2Evaluator(
            weights.map { (String($0.name.dropFirst(2)), $0.tensor) }, heads: one.config["n_head"]?.integer,
            file: one.name)
        let all = try tensors.need("in.tokens")
        let (count, length) = (all.shape[0], all.shape[1])
        let values = try all.array(of: Int64.self).map { Int32($0) }
        let sequences = (0..<count).map { Array(values[$0 * length..<($0 + 1) * length]) }
        try check.close("logits", gpt2.network.logits(sequences), tensors["out.logits"])
        let rows = try gpt2.likelihoods(sequences, batch: 3)
        try check.close("nll", Tensor(rows.flatMap { $0 }, shape: [count, length - 1]), tensors["out.nll"])
        // The head in pieces of 7 rows.
        let pieces = try gpt2.network.likelihoods(sequences, largest: 7 * 61)
        try check.close("nll in pieces", Tensor(pieces.flatMap { $0 }, shape: [count, length - 1]), tensors["out.nll"])
        let found = try GPT2Perplexity(rows, of: sequences, end: nil)
        try check.close("ppl_per_sequence", Tensor(found.each), tensors["out.ppl_per_sequence"])
        try check.close("gen_ppl_reference", Tensor([found.mean]), tensors["out.gen_ppl_reference"])
        try check.close("gen_ppl_pooled", Tensor([found.pooled]), tensors["out.gen_ppl_pooled"])
    }
}

extension GoldenCase {
    fileprivate func textDocument() throws -> JSONValue {
        guard let name = self["file"]?.text else { throw CaseFault("the case names no file") }
        return try JSONText.parse(MappedFile(path: "\(folder)/\(name)").view, file: name)
    }
}
