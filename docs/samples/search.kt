import com.google.firebase.Firebase
import com.google.firebase.functions.FirebaseFunctionsException
import com.google.firebase.functions.functions
import kotlinx.coroutines.tasks.await

suspend fun search(words: String): List<*> {
    val functions = Firebase.functions("us-central1") // the `region` of crm.toml
    try {
        val answer = functions.getHttpsCallable("search_customers")
            .call(mapOf("q" to words, "pageSize" to 10)).await()
        return (answer.getData() as Map<*, *>)["customers"] as List<*>
    } catch (error: FirebaseFunctionsException) {
        println((error.details as? Map<*, *>)?.get("reason") ?: error.message)
        throw error
    }
}
