import 'package:cloud_functions/cloud_functions.dart';

Future<List<dynamic>> search(String words) async {
  final functions = FirebaseFunctions.instanceFor(region: 'us-central1'); // the `region` of crm.toml
  try {
    final search = functions.httpsCallable('search_customers');
    final answer = await search.call<Map<dynamic, dynamic>>({'q': words, 'pageSize': 10});
    return answer.data['customers'] as List<dynamic>;
  } on FirebaseFunctionsException catch (error) {
    print((error.details as Map?)?['reason'] ?? error.message);
    rethrow;
  }
}
