import Foundation
import Genera

extension NetworkConfiguration {
    /// As JSON with sorted keys.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Reads the JSON of a checkpoint. `file` names it in messages.
    ///
    /// - Throws: `GeneraError.badData` for a value of the wrong type, or a network that cannot be built.
    public init(json: String, file: String) throws {
        do {
            self = try JSONDecoder().decode(NetworkConfiguration.self, from: Data(json.utf8))
            try validate()
        } catch let error as ConfigurationError {
            throw GeneraError.badData(file: file, reason: "\(error.description)", advice: "")
        } catch {
            throw GeneraError.badData(
                file: file, reason: "the model's configuration cannot be read: \(error)", advice: "")
        }
    }
}
